// What was said about a field goes as soon as the field is right. Left to react-aria it goes when the focus leaves, and the button
// under it moves away from the pointer that is pressing it. Invariant: nothing new is found wrong while somebody types.

export function forgiveCorrectedFields(page: Document): void {
  page.addEventListener("input", ({ target }) => {
    if (!(target instanceof HTMLInputElement)) return;
    // After react has told the field what it holds now.
    setTimeout(() => {
      const isMarked = target.getAttribute("aria-invalid") === "true";
      if (isMarked && target.validity.valid) target.dispatchEvent(new Event("change", { bubbles: true }));
    });
  });
}
