/** One message that a visitor sent through a form, as it lies in the inbox bucket. */
export type Submission = {
  v: 1;
  id: string;
  at: string;
  host: string;
  form: string;
  fields: Record<string, string>;
  ip_hash: string;
  ua: string;
  sent: boolean;
  mail_id: string | null;
};

export type Incoming = {
  tid: string;
  host: string;
  form: string;
  fields: Record<string, string>;
  ipHash: string;
  ua: string;
  nonce: string;
};
