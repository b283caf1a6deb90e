// What workerd and the Workers print: kept briefly to explain a failed start, and passed on to the log.
const KEPT = 4000;

export class Output {
  #recent = "";

  forget() {
    this.#recent = "";
  }

  handle = (stdout, stderr) => {
    for (const stream of [stdout, stderr]) {
      stream.setEncoding("utf8");
      stream.on("data", (text) => {
        this.#recent = (this.#recent + text).slice(-KEPT);
        process.stderr.write(text);
      });
    }
  };

  // The runtime's words about the script, without service names, folders of this machine and its own source positions.
  failure() {
    const plain = this.#recent.replace(/service core:user:\S+: /g, "").replace(/file:\/\/\/\S*\//g, "");
    const lines = plain.split("\n").map((line) => line.replace(/^(\S+\/)?workerd\/\S+: (error: |)/, "").trim());
    return lines.filter((line) => line && !line.startsWith("stack:")).join("\n");
  }
}
