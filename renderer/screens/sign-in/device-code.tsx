// A code to type at the provider, on any device (RFC 8628). Invariant: nothing is opened by itself (threats.md H5).
import { Button } from "react-aria-components";
import { CopyButton } from "../../components/copy-button.tsx";
import { OutsideLink } from "../../components/outside-link.tsx";
import { Progress } from "../../components/progress.tsx";
import { QrCode } from "../../components/qr-code.tsx";
import { useTexts } from "../../texts.tsx";
import type { SignIn, SignInState } from "./use-sign-in.ts";

export function DeviceCode({
  state,
  signIn,
}: {
  readonly state: Extract<SignInState, { kind: "device" }>;
  readonly signIn: SignIn;
}) {
  const { t, clock } = useTexts();
  const { userCode, verificationUri, verificationUriComplete } = state;
  return (
    <>
      <h2>{t("sign-in.device-title")}</h2>
      <p>{t("sign-in.device-text")}</p>
      <div className="device">
        <QrCode text={verificationUriComplete ?? verificationUri} label={t("sign-in.device-qr")} />
        <div>
          <p>
            <OutsideLink url={verificationUri}>{verificationUri}</OutsideLink>
          </p>
          <p className="device-code">
            <span className="only-heard">{t("sign-in.device-code")}: </span>
            <code>{userCode}</code> <CopyButton text={userCode} name={t("sign-in.device-copy")} />
          </p>
          <p className="soft">{t("sign-in.device-expires", { when: clock(state.expiresAt) })}</p>
        </div>
      </div>
      <Progress label={t("sign-in.waiting")} since={state.since} />
      <div className="buttons">
        <Button className="button" onPress={() => void signIn.start("auto")}>
          {t("sign-in.this-device")}
        </Button>
        <Button className="button quiet" onPress={signIn.cancel}>
          {t("sign-in.cancel")}
        </Button>
      </div>
    </>
  );
}
