import { setTimeout as sleep } from 'node:timers/promises';
import { assert } from '#test/suite';
import { nativeSuite, nextFrame, readBusyMs, silence, SIZE } from './native-kit.ts';

nativeSuite('oriel-capture: the picture', (test, place) => {
  test('no frame comes before start; the first is a key frame; at rest the picture is the screen', async () => {
    await place.screen.paint('fill 0 0 1280 720 3060a0');
    await place.capturing(async (seen) => {
      await sleep(100);
      assert.is(seen.frames.length, 0);
      await place.screen.paint('fill 200 100 333 77 ffcc00');
      seen.capture.start();
      await silence(seen);
      assert.equal(seen.sizes, [SIZE]);
      assert.equal([seen.frames[0]!.key, seen.frames[0]!.width, seen.frames[0]!.height], [true, 1280, 720]);
      assert.ok((await place.compare(seen.frames)) > 42);
    });
  });

  test('a change is on its way within milliseconds, is sharpened, and then there is silence', async () => {
    await place.capturing(async (seen) => {
      seen.capture.start();
      const waits: number[] = [];
      for (let turn = 0; turn < 12; turn++) {
        await silence(seen);
        const before = seen.frames.length;
        const painted = await place.screen.paint(`fill 0 0 1280 720 ${turn % 2 ? 'ffffff' : '000000'}`);
        const [change, next] = [await nextFrame(seen, before), await nextFrame(seen, before + 1)];
        waits.push(change.at + change.workMs - painted);
        assert.equal([change.followUp, next.followUp], [false, true]);
      }
      const median = waits.sort((a, b) => a - b)[6]!;
      assert.ok(median < 20, `${median} ms from painted to encoded`);
    });
  });

  test('a screen at rest costs neither frames nor time', async () => {
    await place.capturing(async (seen) => {
      seen.capture.start();
      await silence(seen);
      const [frames, busyMs] = [seen.frames.length, readBusyMs()];
      await sleep(3000);
      assert.is(seen.frames.length, frames);
      assert.ok(readBusyMs() - busyMs < 30, '1 % of 3 s');
    });
  });

  test('a small change is a small frame, and leaves the rest as it was', async () => {
    await place.screen.paint('swap 1');
    await place.capturing(async (seen) => {
      seen.capture.start();
      await silence(seen);
      const before = seen.frames.length;
      for (let turn = 0; turn < 30; turn++) {
        await place.screen.paint(`fill ${turn * 31} ${turn * 20} 17 23 ${turn % 2 ? 'ff8800' : '0044ff'}`);
        await sleep(17);
      }
      await silence(seen);
      const largest = Math.max(...seen.frames.slice(before).map(({ data }) => data.length));
      assert.ok(largest < 30_000, `${largest} bytes`);
      assert.ok((await place.compare(seen.frames)) > 38);
    }, 50_000);
  });

  test('the screen takes any size, odd ones too, and each begins with its record and a key frame', async () => {
    await place.capturing(async (seen) => {
      seen.capture.start();
      for (const size of [{ width: 1377, height: 803 }, { width: 321, height: 243 }, { width: 1920, height: 1200 }, SIZE]) {
        await place.screen.paint(`size ${size.width} ${size.height}`);
        await place.screen.paint(`fill 0 0 ${size.width} ${size.height} 206040`);
        await place.screen.paint(`fill ${size.width - 101} ${size.height - 51} 101 51 f0e0d0`);
        await silence(seen);
        assert.equal(seen.sizes.at(-1), size);
        const frames = seen.frames.splice(0).filter(({ width, height }) => width === size.width && height === size.height);
        assert.ok(frames[0]!.key);
        const psnr = await place.compare(frames, size);
        assert.ok(psnr > 40, `${size.width}x${size.height}: ${psnr} dB`);
      }
    });
  });

  test('a key frame comes when asked for, also from a screen at rest', async () => {
    await place.capturing(async (seen) => {
      seen.capture.start();
      await silence(seen);
      const before = seen.frames.length;
      seen.capture.requestKeyFrame();
      assert.ok((await nextFrame(seen, before)).key);
      assert.ok(seen.frames.slice(1, before).every(({ key }) => !key));
    });
  });

  test('no more changes a second are shown than asked for', async () => {
    await place.capturing(async (seen) => {
      seen.capture.start();
      await silence(seen);
      seen.capture.setFramerate(10);
      await sleep(50);
      const before = seen.frames.length;
      for (let turn = 0; turn < 100; turn++) {
        await place.screen.paint(`fill 40 40 60 60 ${(turn * 0x020406).toString(16)}`);
        await sleep(10);
      }
      const changes = seen.frames.slice(before).filter(({ followUp }) => !followUp);
      const gaps = changes.slice(1).map(({ at }, index) => at - changes[index]!.at);
      assert.ok(Math.min(...gaps) > 94, `${Math.min(...gaps)} ms between two`);
    });
  });

  test('the cursor is told at first and when its shape changes, with its hot spot', async () => {
    await place.capturing(async (seen) => {
      await sleep(100);
      await place.screen.paint('cursor 34');
      await sleep(200);
      await place.screen.paint('cursor 152');
      await sleep(200);
      assert.ok(seen.cursors.length >= 3, `${seen.cursors.length} shapes`);
      const [cross, text] = seen.cursors.slice(-2);
      assert.is.not(cross!.serial, text!.serial);
      for (const { pixels, width, height, hotX, hotY } of seen.cursors) {
        assert.is(pixels.length, width * height * 4);
        assert.ok(hotX <= width && hotY <= height);
        assert.ok(pixels.some((value) => value !== 0));
      }
    });
  });
});
