import { expect, test } from "vitest";

/*
 * What the page of a graph shows of its picture. It is JavaScript, since it runs in the page as it is; that a browser
 * runs it is not shown here.
 */
interface View {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}
type Point = Pick<View, "x" | "y">;
type Size = Pick<View, "width" | "height">;

const { wholeView, zoomedView, movedView } = (await import(
  new URL("../../../graph/picture/view.mjs", import.meta.url).href
)) as {
  wholeView: (picture: Size) => View;
  zoomedView: (view: View, picture: Size, factor: number, point: Point) => View;
  movedView: (view: View, picture: Size, by: Point) => View;
};

const picture = { width: 3000, height: 1000 };
const whole = wholeView(picture);

test("a page opens with the whole picture", () => {
  expect(whole).toEqual({ x: 0, y: 0, width: 3000, height: 1000 });
});

test("zooming leaves the point under the pointer where it is", () => {
  const point = { x: 600, y: 900 };
  const view = zoomedView(whole, picture, 2, point);
  expect(view).toEqual({ x: 300, y: 450, width: 1500, height: 500 });
  expect((point.x - view.x) / view.width).toBe((point.x - whole.x) / whole.width);
});

test("zooming ends where a line of text fills the window, and where the picture is small in it", () => {
  expect(zoomedView(whole, picture, 1000, { x: 0, y: 0 })).toMatchObject({ width: 100 });
  expect(zoomedView(whole, picture, 0.001, { x: 0, y: 0 })).toMatchObject({ width: 4500 });
});

test("zooming in and out again by the same factor changes nothing", () => {
  const point = { x: 1234, y: 321 };
  const back = zoomedView(zoomedView(whole, picture, 4, point), picture, 1 / 4, point);
  expect(back.x).toBeCloseTo(0);
  expect(back.y).toBeCloseTo(0);
  expect(back).toMatchObject({ width: 3000, height: 1000 });
});

test("moving goes as far as the middle of the window stays in the picture", () => {
  const view = { x: 0, y: 0, width: 1000, height: 400 };
  expect(movedView(view, picture, { x: 200, y: -100 })).toMatchObject({ x: 200, y: -100 });
  expect(movedView(view, picture, { x: 9999, y: 9999 })).toMatchObject({ x: 2500, y: 800 });
  expect(movedView(view, picture, { x: -9999, y: -9999 })).toMatchObject({ x: -500, y: -200 });
});
