import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

/** Vendor code that changes seldom, apart from ours, so that an update of ours reloads little. */
const VENDOR_CHUNKS = [
  { name: "react", test: /node_modules[\\/](react|react-dom|scheduler|react-router)[\\/]/ },
  // What only one page uses (the calendar above all) is loaded with that page.
  {
    name: "antd",
    test: /node_modules[\\/](antd|@ant-design|@rc-component|dayjs)[\\/]/,
    minShareCount: 2,
  },
  { name: "wavesurfer", test: /node_modules[\\/]wavesurfer\.js[\\/]/ },
];

export default defineConfig({
  plugins: [react()],
  build: {
    outDir: "../qa_api/static",
    emptyOutDir: true,
    // The Content-Security-Policy forbids data: scripts and fonts; small assets stay files.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1200,
    rolldownOptions: { output: { codeSplitting: { groups: VENDOR_CHUNKS } } },
  },
  server: { proxy: { "/api": process.env.EARWITNESS_API ?? "http://127.0.0.1:8080" } },
  test: { include: ["src/**/*.test.ts"], environment: "node" },
});
