// Runs in the page: which part of the picture is seen, as a rectangle of the picture itself.

/** The whole picture. */
export const wholeView = ({ width, height }) => ({ x: 0, y: 0, width, height });

/**
 * A view that shows the picture larger or smaller by a factor and leaves one point of it where it is in the window.
 * It never shows more than the whole picture beside some margin, nor less than a thirtieth.
 */
export function zoomedView(view, picture, factor, point) {
  const width = Math.min(Math.max(view.width / factor, picture.width / 30), picture.width * 1.5);
  const scale = width / view.width;
  return {
    x: point.x - (point.x - view.x) * scale,
    y: point.y - (point.y - view.y) * scale,
    width,
    height: view.height * scale,
  };
}

/** The view moved by a distance in the picture, so far that its middle is still in the picture. */
export function movedView(view, picture, by) {
  const within = (start, size, limit) => Math.min(Math.max(start, -size / 2), limit - size / 2);
  return {
    ...view,
    x: within(view.x + by.x, view.width, picture.width),
    y: within(view.y + by.y, view.height, picture.height),
  };
}
