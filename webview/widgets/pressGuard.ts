// Buttons that are made anew while somebody presses one never hear the click: who draws often waits until the press is over.

export class PressGuard {
  private isDown = false;
  private isMissed = false;

  /** @param draw called once the press is over, when something was put off meanwhile */
  constructor(element: HTMLElement, private readonly draw: () => void) {
    element.addEventListener('pointerdown', () => (this.isDown = true));
    // The click comes after these.
    for (const over of ['pointerup', 'pointercancel'] as const) window.addEventListener(over, () => setTimeout(() => this.release()));
  }

  /** @returns whether drawing has to wait */
  get waits(): boolean {
    if (this.isDown) this.isMissed = true;
    return this.isDown;
  }

  private release(): void {
    this.isDown = false;
    if (!this.isMissed) return;
    this.isMissed = false;
    this.draw();
  }
}
