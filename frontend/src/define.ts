/** Makes elements known to the page, once, and again where they got lost.
 *
 * The file may be loaded twice, by two addresses. And a page that puts another registry of elements in place of the
 * browser's own while it starts forgets what was defined before.
 */
const LOOK_AGAIN = [500, 2000, 5000, 15000];

type Element = CustomElementConstructor;

export function define(tag: string, element: Element): void {
  defineOnce(tag, element);
  for (const wait of LOOK_AGAIN) {
    setTimeout(() => defineOnce(tag, element), wait);
  }
}

function defineOnce(tag: string, element: Element): void {
  if (customElements.get(tag) !== undefined) {
    return;
  }
  try {
    customElements.define(tag, element);
  } catch {
    // A class can be used for one name only, and this one was for the registry that is gone.
    customElements.define(tag, class extends element {});
  }
}

/** Add something to one of the page's lists of what others bring along, unless it stands there already. */
export function offer<T extends { type: string }>(list: string, item: T): void {
  const page = window as unknown as Record<string, { type: string }[] | undefined>;
  const known = (page[list] ??= []);
  if (!known.some((one) => one.type === item.type)) {
    known.push(item);
  }
}
