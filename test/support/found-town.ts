// A real town whose servers are found by the address alone: DNS names the mail servers, Dovecot names the authorization server.
import { type DnsServer, startDnsServer } from "./dns-server.ts";
import { type RealTown, startRealTown } from "./real-town.ts";

/** Its `stop` ends the DNS server, too. */
export async function startFoundTown(): Promise<RealTown> {
  // Known only once the servers run; the records are read when somebody asks.
  const services: Record<string, { target: string; port: number }[]> = {};
  const dns: DnsServer = await startDnsServer({ services });
  const town = await startRealTown({ postern: { env: { POSTERN_DNS_SERVER: dns.address } } });
  services["_imaps._tcp.example.test"] = [{ target: "localhost", port: town.dovecot.imapsPort }];
  services["_submissions._tcp.example.test"] = [{ target: "localhost", port: town.postfix.submissionsPort }];
  const { stop } = town;
  town.stop = async () => {
    await stop();
    await dns.close();
  };
  return town;
}
