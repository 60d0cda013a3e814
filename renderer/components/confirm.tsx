// Asks before something is done that cannot be undone.
import { type ReactNode, useState } from "react";
import { Button, Dialog, Heading, Modal, ModalOverlay } from "react-aria-components";
import type { Failure } from "../../src/control/contract.ts";
import { failureFrom } from "../control.ts";
import { useTexts } from "../texts.tsx";
import { FailureNote } from "./failure-note.tsx";
import { WorkButton } from "./work-button.tsx";

export interface ConfirmProps {
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly title: string;
  /** What is done: "Revoke". */
  readonly verb: string;
  readonly isDangerous?: boolean;
  readonly cancelVerb?: string;
  readonly onConfirm: () => Promise<void>;
  readonly children: ReactNode;
}

export function Confirm(props: ConfirmProps) {
  const { isOpen, onClose } = props;
  return (
    <ModalOverlay
      className="overlay"
      isOpen={isOpen}
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
    >
      <Modal className="modal">
        <ConfirmDialog {...props} />
      </Modal>
    </ModalOverlay>
  );
}

function ConfirmDialog({
  onClose,
  title,
  verb,
  isDangerous = true,
  cancelVerb,
  onConfirm,
  children,
}: ConfirmProps) {
  const { t } = useTexts();
  const [isBusy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure>();
  const confirm = async (): Promise<void> => {
    setBusy(true);
    setFailure(undefined);
    try {
      await onConfirm();
      onClose();
    } catch (thrown) {
      setFailure(failureFrom(thrown));
      setBusy(false);
    }
  };
  return (
    <Dialog role="alertdialog" className="dialog">
      <Heading slot="title">{title}</Heading>
      {children}
      {failure === undefined ? null : <FailureNote failure={failure} />}
      <div className="dialog-buttons">
        <Button className="button" onPress={onClose} autoFocus>
          {cancelVerb ?? t("common.cancel")}
        </Button>
        <WorkButton
          className={`button ${isDangerous ? "danger" : "primary"}`}
          isBusy={isBusy}
          onPress={() => void confirm()}
        >
          {verb}
        </WorkButton>
      </div>
    </Dialog>
  );
}
