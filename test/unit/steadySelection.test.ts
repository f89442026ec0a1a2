// A tree view as VS Code's is: rows that are being drawn are not in its selection, and come back without an event.
import assert from 'node:assert/strict';
import { SteadySelection } from '../../src/host/views/steadySelection.js';
import { Emitter } from '../../src/shared/lifecycle.js';

class View {
  private readonly changed = new Emitter<void>();
  private chosen: string[] = [];
  private isDrawing = false;
  readonly onDidChangeSelection = this.changed.event;

  get selection(): string[] {
    return this.isDrawing ? [] : this.chosen;
  }

  click(...rows: string[]): void {
    this.chosen = rows;
    this.changed.fire();
  }

  beginDrawing(): void {
    this.isDrawing = true;
  }

  /** VS Code asks for the rows, and knows them when that call has ended. */
  async draw(steady: SteadySelection<string>): Promise<void> {
    steady.drawn();
    await Promise.resolve();
    this.isDrawing = false;
  }
}

suite('selection in a tree that is drawn again all the time', () => {
  let view: View;
  let steady: SteadySelection<string>;
  let heard: string[][];

  setup(() => {
    view = new View();
    // Longer than a test may take: nothing here passes because time has passed.
    steady = new SteadySelection(view, 60_000);
    heard = [];
    steady.onDidSelect((rows) => heard.push([...rows]));
  });

  teardown(() => steady.dispose());

  test('a click is heard at once', () => {
    view.click('web');
    assert.deepEqual(heard, [['web']]);
  });

  test('a click on a row that is being drawn is heard when the row is back', async () => {
    view.click('web');
    view.beginDrawing();
    view.click('cache');
    assert.deepEqual(heard, [['web']]);
    const rows = steady.rows();
    await view.draw(steady);
    assert.deepEqual(await rows, ['cache']);
    assert.deepEqual(heard, [['web'], ['cache']]);
  });

  test('a command that comes while the selected row is being drawn gets that row', async () => {
    view.click('web');
    view.beginDrawing();
    const rows = steady.rows();
    await view.draw(steady);
    assert.deepEqual(await rows, ['web']);
  });

  test('where nothing was ever selected no command waits', async () => {
    assert.deepEqual(await steady.rows(), []);
  });

  test('what was chosen meanwhile in another way is not taken back', async () => {
    view.beginDrawing();
    view.click('cache');
    steady.forget();
    await view.draw(steady);
    await new Promise((resolve) => setTimeout(resolve));
    assert.deepEqual(heard, []);
  });

  test('gives up when the row does not come back', async () => {
    steady.dispose();
    steady = new SteadySelection(view, 1);
    view.click();
    assert.deepEqual(await steady.rows(), []);
  });
});
