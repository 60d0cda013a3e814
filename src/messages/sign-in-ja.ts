// サインインまわりの文言（日本語）。ICU メッセージ。Invariant: as in window-en.ts.
import type { signInEn } from "./sign-in-en.ts";

export const signInJa = {
  "sign-in.title": "{email} にサインイン",
  "sign-in.text":
    "サインインは、ブラウザーでプロバイダーのページから行います。そこで入力するパスワードを Postern が見ることはありません。",
  "sign-in.open": "ブラウザーでサインイン",
  "sign-in.other": "別の端末を使う",
  "sign-in.starting": "プロバイダーに問い合わせています…",
  "sign-in.waiting": "ブラウザーでの操作を待っています…",
  "sign-in.waiting-text": "開いたページでサインインしてから、ここに戻ってください。",
  "sign-in.waited": "{seconds} 秒経過",
  "sign-in.open-again": "ページをもう一度開く",
  "sign-in.copy-link": "リンクをコピー",
  "sign-in.link": "サインインのページ",
  "sign-in.paste": "応答を貼り付ける",
  "sign-in.paste-text":
    "ブラウザーが「接続できません」というページで止まった場合や、ブラウザーが別のコンピューターにある場合は、最後に表示されたアドレス全体をコピーして、ここに貼り付けてください。",
  "sign-in.paste-label": "ブラウザーに最後に表示されたアドレス",
  "sign-in.paste-send": "この応答を使う",
  "sign-in.cancel": "サインインを中止",
  "sign-in.device-title": "このコードをプロバイダーのページで入力してください",
  "sign-in.device-text":
    "どの端末でもかまいません。このアドレスを開き、コードを入力してください。ご自分でここから始めた場合に限ります。",
  "sign-in.device-code": "コード",
  "sign-in.device-expires": "コードの有効期限は {when} です。",
  "sign-in.device-qr": "コード入りアドレスの QR コード",
  "sign-in.device-copy": "コード",
  "sign-in.this-device": "このコンピューターのブラウザーを使う",
  "sign-in.somebody-else-title": "別の人がサインインしました",
  "sign-in.somebody-else":
    "サインインしたのは {identity} ですが、このアカウントは {email} のものです。まだ何も保存していません。どちらも同じメールボックスであれば、このまま使えます。そうでなければ、正しいアドレスでサインインしてください。",
  "sign-in.agree": "どちらも自分のものなので使う",
  "sign-in.again": "正しいアドレスでサインインする",
  "sign-in.done": "サインインしました",
  "sign-in.continue": "続ける",
  "sign-in.later": "あとで",
  "sign-in.code-spent": "その応答はすでに使われていたため、もう一度始めました。",
  "sign-in.password-title": "メールボックスのパスワード",
  "sign-in.password-text":
    "このプロバイダーでは、メールボックスをパスワードで開きます。Postern はそれをこのコンピューターのキーチェーンに保管するので、メールソフトに教える必要はありません。",
  "sign-in.password-label": "プロバイダーでのパスワード",
  "sign-in.app-password-text":
    "プロバイダーは、ソフトごとに作る専用のパスワードを求めています。プロバイダーでの名称は「{name}」です。",
  "sign-in.app-password-two-step": "2 段階認証を有効にすると作れるようになります。",
  "sign-in.app-password-page": "プロバイダーのページで作る",
  "sign-in.password-send": "確認して保管する",
  "sign-in.password-checking": "メールサーバーで試しています…",
  "sign-in.secret-empty": "この欄にはまだ何も入力されていません。",
  "sign-in.import-title": "別のツールのサインインを引き継ぐ",
  "sign-in.import-text":
    "email-oauth2-proxy などのツールは「refresh_token」という長い文字列を保管しています。このアカウントと同じクライアント ID のものでなければなりません。引き継いだあとは、元のツールでは使わないでください。",
  "sign-in.import-label": "元のツールの refresh_token",
  "sign-in.import-send": "確認して引き継ぐ",
  "sign-in.import-checking": "まだ有効かどうかをプロバイダーに確認しています…",

  "check.title": "メールが使えるか確認しています",
  "check.works": "受信も送信も使えます。",
  "check.fails": "サインインはできましたが、まだ使えないところがあります。",
  "check.again": "もう一度確認",
} as const satisfies Record<keyof typeof signInEn, string>;
