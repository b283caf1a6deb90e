export type MailerEnv = {
  MAIL: KVNamespace;
  ROUTING: KVNamespace;
  INBOX: R2Bucket;
  RESEND_PLATFORM_KEY: string;
  MAIL_KEK: string;
  RESEND_API_URL: string;
  PLATFORM_FROM: string;
};
