// The menus of the inspector page: more, columns, filter by this, mark.

import { l10n } from '../l10n.js';
import { below, openPopup } from '../widgets/popupMenu.js';
import { openFilterMenu, openMarkMenu } from './cellMenu.js';
import { openCheatSheet } from './cheatSheet.js';
import { openColumnMenu } from './columnMenu.js';
import { shown } from './file/shownKind.js';
import type { InspectorParts } from './inspectorParts.js';
import type { Narrowing } from './narrowing.js';

export class InspectorMenus {
  constructor(private readonly parts: InspectorParts, private readonly narrowing: Narrowing) {}

  more(button: HTMLElement): void {
    const { state } = this.parts;
    openPopup(l10n.t('More'), below(button), () => [
      ...(this.parts.isMessages ? [
        {
          title: l10n.t('Answers as rows of their own'), isChecked: state.value.areAnswersRows,
          run: () => {
            state.update({ areAnswersRows: !state.value.areAnswersRows });
            this.parts.messages.rows.restart();
          },
        },
        { title: l10n.t('Columns…'), run: () => this.columns(undefined, below(button)) },
        'line' as const,
      ] : []),
      ...(shown.isFile ? [] : [{
        title: l10n.t('Overview'), isChecked: state.value.hasOverview,
        run: () => {
          state.update({ hasOverview: !state.value.hasOverview });
          this.parts.overview.setShown(state.value.hasOverview);
        },
      }]),
      ...this.parts.debug.entries(),
      { title: l10n.t('Keys'), hint: '?', run: () => openCheatSheet() },
    ]);
  }

  columns(id: string | undefined, place: { x: number; y: number }): void {
    openColumnMenu(id, place, {
      columns: () => this.parts.messages.columns,
      set: (columns) => this.parts.messages.setColumns(columns),
      sort: (sort) => this.parts.messages.sortBy(sort),
      check: (text, caret) => this.parts.rpc.request('filter/check', { text, caret }),
      report: (fault) => this.parts.report(fault),
    });
  }

  filterBy(): void {
    const { cell } = this.parts.messages;
    if (cell === undefined || !this.parts.isMessages) return;
    openFilterMenu(cell.row, cell.column, this.parts.messages.look.menuPlace(), {
      filter: () => this.parts.state.value.filter,
      setFilter: (text) => this.parts.filterBox.setText(text),
      onlyFlow: (flow) => this.narrowing.setScope({ onlyFlow: flow }),
    });
  }

  marks(): void {
    const { cell } = this.parts.messages;
    if (cell === undefined || !this.parts.isMessages) return;
    openMarkMenu(cell.row, this.parts.messages.look.menuPlace(), (color) => {
      this.parts.messages.mark(cell.row, color).catch((fault: unknown) => this.parts.report(fault));
    });
  }
}
