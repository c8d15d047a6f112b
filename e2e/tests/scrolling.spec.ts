import { expect, test } from "../fixtures/test.ts";

const rows = 10_000;

test("10,000 rows are scrolled through", async ({ console: page, api }) => {
  test.setTimeout(240_000);
  const code = "#!/bin/sh\ntrue\n";
  // As many at a time as a server on a small machine takes gladly.
  let next = 0;
  const worker = async () => {
    while (next < rows) {
      next += 1;
      await api.script(`Row ${String(next).padStart(5, "0")}`, code);
    }
  };
  await Promise.all(Array.from({ length: 8 }, worker));
  await page.goto("/scripts?search=Row+");
  await expect(page.getByRole("status").filter({ hasText: "10,000 match" })).toBeVisible();
  const drawn = await page.getByRole("row").count();
  expect(drawn, "only what is on screen is in the document").toBeLessThan(200);

  const times = await page.evaluate(async () => {
    const scroller = document.querySelector(".list-scroll");
    if (!scroller) throw new Error("there is nothing to scroll");
    const times: number[] = [];
    let before = await new Promise<number>((done) => requestAnimationFrame(done));
    const steps = 240;
    for (let step = 1; step <= steps; step += 1) {
      scroller.scrollTop = ((scroller.scrollHeight - scroller.clientHeight) * step) / steps;
      const now = await new Promise<number>((done) => requestAnimationFrame(done));
      times.push(now - before);
      before = now;
    }
    return times.sort((a, b) => a - b);
  });
  const at = (share: number) => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0;
  const figures = { frames: times.length, p50: at(0.5), p95: at(0.95), p99: at(0.99), longest: at(1) };
  console.log(`frame times over ${rows} rows, ms: ${JSON.stringify(figures, (_, value: unknown) => (typeof value === "number" ? Math.round(value * 10) / 10 : value))}`);
  await test.info().attach("frame-times", { body: JSON.stringify({ figures, times }), contentType: "application/json" });
  await expect(page.getByRole("link", { name: "Row 10000" })).toBeVisible();
});
