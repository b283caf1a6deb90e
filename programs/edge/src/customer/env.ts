export type CustomerEnv = { SITES: R2Bucket; INBOX: R2Bucket };
