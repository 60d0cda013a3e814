// The daemon, as the commands about providers ask it.
import type { Snapshot } from "../control/contract.ts";
import type { ProviderMethod, ProviderRequest, ProviderResponse } from "../control/provider-contract.ts";
import { daemon } from "./daemon.ts";

type Ask = <M extends ProviderMethod>(method: M, request: ProviderRequest<M>) => Promise<ProviderResponse<M>>;

export interface ProviderDaemon {
  readonly ask: Ask;
  accounts(): Promise<Snapshot["accounts"]>;
}

/** @throws PosternError `daemon-not-running` */
export async function providerDaemon(): Promise<ProviderDaemon> {
  const client = await daemon();
  return {
    ask: (method, request) => client.call(method, request),
    accounts: async () => (await client.call("status", {})).accounts,
  };
}
