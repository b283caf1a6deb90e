declare module "studio:assets" {
  export const html: string;
  export const assets: Record<string, { type: string; body: string }>;
}
