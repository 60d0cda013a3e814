// What an account is called inside a mail program's file: one word without anything that means something there. Pure.

export function formatAccountName(email: string): string {
  return email.replace(/[^A-Za-z0-9.@_-]/g, "-");
}
