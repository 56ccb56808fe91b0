import { assert, suite } from '#test/suite';
import { AWAITED_WINDOWS, parseClientList } from '../../../src/agent/desktop/windows.ts';

const test = suite('windows');

test('ids are read from the client list, and from no other property', () => {
  assert.equal(parseClientList('_NET_CLIENT_LIST(WINDOW): window id # 0x1a00003, 0x1c0002b'), ['0x1a00003', '0x1c0002b']);
  assert.equal(parseClientList('_NET_CLIENT_LIST(WINDOW): window id # '), []);
  assert.equal(parseClientList('_NET_CLIENT_LIST_STACKING(WINDOW): window id # 0x1a00003'), []);
});

test('the windows of a fresh desktop are known by their class', () => {
  const seen = (windowClass: string) => Object.keys(AWAITED_WINDOWS).filter((mark) => AWAITED_WINDOWS[mark]!.test(windowClass));
  assert.equal(seen('WM_CLASS(STRING) = "xfce4-terminal", "Xfce4-terminal"'), ['terminal']);
  assert.equal(seen('WM_CLASS(STRING) = "chromium", "Chromium"'), ['chromium']);
  assert.equal(seen('WM_CLASS(STRING) = "xfce4-panel", "Xfce4-panel"'), []);
});

test.run();
