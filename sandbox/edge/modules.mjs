// miniflare lives where the installer put it, which need not be beside this file.
import { createRequire } from "node:module";
import { join } from "node:path";

const require = createRequire(join(process.env.SP_MODULES, "package.json"));
export const { Miniflare, Log, LogLevel } = require("miniflare");
