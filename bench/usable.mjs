// How long until the console can be used in a browser that has never seen it, over a line of
// 10 Mbit/s with 20 ms to the server. Prints the medians as JSON.
import { createRequire } from "node:module";

const { chromium } = createRequire(new URL("../e2e/package.json", import.meta.url))("@playwright/test");
const { BENCH_URL: url, BENCH_PASSWORD: password, BENCH_CHROMIUM: executablePath, BENCH_TIMES: times } = process.env;

const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });

/** A page with an empty cache behind the slow line, and how much of the console it loads. */
async function cold(storageState) {
  const context = await browser.newContext({ storageState, viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  const line = await context.newCDPSession(page);
  const files = [];
  page.on("requestfinished", (request) => {
    if (!new URL(request.url()).pathname.startsWith("/api/")) files.push(request);
  });
  await line.send("Network.enable");
  await line.send("Network.setCacheDisabled", { cacheDisabled: true });
  const throughput = 10_000_000 / 8;
  await line.send("Network.emulateNetworkConditions", {
    offline: false,
    latency: 20,
    downloadThroughput: throughput,
    uploadThroughput: throughput,
  });
  const loaded = async () => {
    const sizes = await Promise.all(files.map((file) => file.sizes()));
    return sizes.reduce((sum, { responseBodySize }) => sum + responseBodySize, 0);
  };
  return { context, page, loaded };
}

async function signIn() {
  const { context, page, loaded } = await cold();
  const start = performance.now();
  await page.goto(`${url}/sign-in`, { waitUntil: "commit" });
  await page.getByRole("button", { name: "Sign in" }).waitFor();
  const took = performance.now() - start;
  await page.waitForLoadState("networkidle");
  const bytes = await loaded();
  await context.close();
  return { took, bytes };
}

async function session() {
  const context = await browser.newContext();
  const answer = await context.request.post(`${url}/api/v2/login`, { data: { identity: "admin", password } });
  if (!answer.ok()) throw new Error(`login: ${answer.status()}`);
  const state = await context.storageState();
  await context.close();
  return state;
}

async function computers(state) {
  const { context, page } = await cold(state);
  const start = performance.now();
  await page.goto(`${url}/computers`, { waitUntil: "commit" });
  await page.getByRole("link", { name: /^machine-/ }).first().waitFor();
  const took = performance.now() - start;
  await context.close();
  return took;
}

const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];
const first = [];
const lists = [];
const state = await session();
for (let number = 0; number < Number(times); number += 1) {
  first.push(await signIn());
  lists.push(await computers(state));
}
await browser.close();
console.log(JSON.stringify({
  sign_in: median(first.map((one) => one.took)),
  computers: median(lists),
  bytes: median(first.map((one) => one.bytes)),
}));
