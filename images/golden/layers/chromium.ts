import type { Layer } from '../layer.ts';

export const chromium: Layer = {
  name: 'chromium',
  // Without chromium-sandbox: its setuid helper is not needed where a user may make namespaces, and must not be there.
  packages: [{ name: 'chromium', why: 'the browser on the desktop' }],
  delete: [
    { path: '/usr/lib/chromium/libVkLayer_khronos_validation.so', why: 'debug layer of Vulkan, 23 MB' },
    { path: '/usr/lib/chromium/libVkICD_mock_icd.so', why: 'a Vulkan driver for tests' },
  ],
};
