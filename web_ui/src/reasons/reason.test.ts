import { describe, expect, it } from "vitest";
import { translator } from "./reason";
import reasonsZh from "./reasons.zh.json";

const zh = translator(reasonsZh);

describe("a reason", () => {
  it("is translated with its values", () =>
    expect(zh("Nothing is mounted at /mnt/usb. Mount it; what is missing there is then copied.")).toBe(
      "/mnt/usb 处没有挂载任何内容。请挂载；缺少的内容随后会复制过去。",
    ));

  it("is translated inside another", () =>
    expect(
      zh(
        "The FTP server nas:21 cannot be reached: it does not answer. Check that it is running, and the network and firewalls on the way.",
      ),
    ).toBe("无法连接 FTP 服务器 nas:21：没有应答。请检查它是否在运行，以及沿途的网络和防火墙。"));

  it("is translated where several follow each other", () =>
    expect(
      zh(
        "The archive target usb is absent since 2026-11-22 09:05 UTC: The disk disk1 is not mounted at or below /media. Plug it in, and what is missing on it is copied by itself; a new disk is made known by `earwitness target prepare`. It is tried again all the time, and catches up by itself. Only 4 % of the disk of local are free. 1,024 bytes are lacking, and no other call lies safely elsewhere.",
      ),
    ).toBe(
      "存储目标 usb 自 2026-11-22 09:05 UTC 起不在：磁盘 disk1 未挂载在 /media 或其下。请插入磁盘，缺少的内容会自动复制；新磁盘用 `earwitness target prepare` 登记。系统会不断重试，恢复后自动补齐。local 的磁盘只剩 4 % 空间。还缺 1,024 字节，而没有其他通话已在别处妥善保存。",
    ));

  it("is the outer one where one stands inside that says more", () =>
    expect(
      zh(
        "The archive target s3 is down since 2026-11-22 16:27 UTC: The bucket calls at https://s3.example cannot be reached (no route). Check the network and `endpoint`. It is tried again all the time, and catches up by itself.",
      ),
    ).toBe(
      "存储目标 s3 自 2026-11-22 16:27 UTC 起中断：无法连接 https://s3.example 上的存储桶 calls（no route）。请检查网络和 `endpoint`。系统会不断重试，恢复后自动补齐。",
    ));

  it("is the one that says most where several would do", () =>
    expect(
      zh(
        "The FTP server nas:21 could not keep a.opus: it does not answer. Check the server and the network to it.",
      ),
    ).toBe("FTP 服务器 nas:21 未能保存 a.opus：没有应答。请检查服务器和通往它的网络。"));

  it("of a full disk is Chinese wherever it lies", () => {
    const said = (place: string) =>
      `No space left on the disk of ${place}. Free some space or extend the disk; nothing was lost, and archiving goes on by itself once there is room.`;
    const full = "所在磁盘已满。请腾出空间或扩大磁盘；没有丢失任何内容，有空间后会自动继续归档。";
    expect(zh(said("the SSH server nas:22"))).toBe(`SSH 服务器 nas:22 ${full}`);
    expect(zh(said("the bucket calls at https://s3.example"))).toBe(
      `https://s3.example 上的存储桶 calls ${full}`,
    );
    expect(zh(said("calls-1 (/mnt/usb)"))).toBe(`calls-1 (/mnt/usb) ${full}`);
  });

  it("that nobody knows stays as it is", () => {
    expect(zh("Something new. It is odd.")).toBe("Something new. It is odd.");
    expect(zh("")).toBe("");
  });

  it("is translated behind one that nobody knows", () =>
    expect(zh("Something new. Only 4 % of the disk of local are free.")).toBe(
      "Something new. local 的磁盘只剩 4 % 空间。",
    ));

  it("with a value over several lines is translated", () =>
    expect(zh("The catalogue db refuses: first\nsecond")).toBe("目录 db 拒绝：first\nsecond"));

  it("that is very long stays as it is", () => {
    const long = `Nothing is mounted at ${"x".repeat(5000)}. Mount it; what is missing there is then copied.`;
    expect(zh(long)).toBe(long);
  });
});

describe("every reason of the catalogue", () => {
  const filled = (text: string) => text.replace(/\{(\w+)\}/g, "<$1>");
  const all = Object.entries(reasonsZh).map(([english, chinese]) => [filled(english), filled(chinese)]);
  const outer = "The archive target <name> is down since <time> UTC: ";

  it.each(all)("is taken for itself: %s", (english, chinese) => expect(zh(english ?? "")).toBe(chinese));

  it.each(all.filter(([english]) => english?.endsWith(".")))(
    "is found within another: %s",
    (english, chinese) =>
      expect(zh(`${outer}${english} It is tried again all the time, and catches up by itself.`)).toBe(
        `存储目标 <name> 自 <time> UTC 起中断：${chinese}系统会不断重试，恢复后自动补齐。`,
      ),
  );
});
