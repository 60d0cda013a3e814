// 登録の手引きまわりの文言（日本語）。手順そのものはプロバイダーのデータです。
import type { guideEn } from "./guide-en.ts";

export const guideJa = {
  "guide.title": "プロバイダーに Postern を登録",
  "guide.step": "手順 {number} / {count}",
  "guide.short-way": "もっと簡単な方法",
  "guide.open": "プロバイダーのページを開く",
  "guide.copy-these": "プロバイダーのページで入力するもの",
  "guide.bring": "プロバイダーのページで受け取ったもの",
  "guide.input.client-id": "クライアント ID",
  "guide.input.client-secret": "クライアントシークレット",
  "guide.input.tenant": "ディレクトリ（テナント）",
  "guide.input.issuer": "サインインのサーバーのアドレス",
  "guide.optional": "{label}（ある場合）",
  "guide.kept-secret": "すでに保管しています。変えない場合は空のままにしてください。",
  "guide.looks-wrong": "このプロバイダーのクライアント ID ではないようです。このまま使うこともできます。",
  "guide.one-word": "空白のない、ひと続きの文字列です。",
  "guide.done": "済んだので次へ",
  "guide.check": "確認して次へ",
  "guide.checking": "プロバイダーに確認しています…",
  "guide.go-on": "このまま次へ",
  "guide.back": "一つ前の手順へ",
  "guide.finished":
    "これで完了です。このプロバイダーのメールボックスには、このクライアント ID が自動で使われます。",
  "guide.not-usable": "最後の手順まで進みましたが、Postern で使えるクライアント ID はありませんでした。",
  "guide.use": "このクライアント ID で続ける",
  "guide.restart": "最初からやり直す",
  "guide.failed": "まだ正しくありません",
  "guide.unclear": "はっきりしません",
} as const satisfies Record<keyof typeof guideEn, string>;
