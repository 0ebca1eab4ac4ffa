import { EngineState } from './engine-state.ts';
import { uniform } from './streams.ts';
import { BALANCE_CONNECTION, BALANCE_LEAST, BALANCE_ROUND_ROBIN, BALANCE_TWO, NONE } from './task-states.ts';

/** Which instance of a group a call runs in. */
export abstract class EngineGroups extends EngineState {
  /** The task begins a program that not every call reaches: sets its instance and where it begins. */
  protected abstract enterGuarded(slot: number, program: number, dealt: Int32Array | null, connection: number): void;

  /** The instance of a group that the next call goes to, counted as busy with it; NONE where no instance takes calls. Outside any group a number that chooses among units. */
  protected pick(group: number): number {
    if (group < 0) return this.hasManyPlaces ? Math.floor(this.chance() * 1048576) : 0;
    const place = this.groupFails[group] ? this.placeAmongUp(group) : this.place(group);
    if (place < 0) return NONE;
    const instance = (this.groupMembers[group] as Int32Array)[place] as number;
    this.occupy(group, instance);
    return instance;
  }

  /** The instance behind a connection; one to an instance that takes no more calls is made anew to another. */
  protected pickBehind(dealt: Int32Array, connection: number, group: number): number {
    const instance = dealt[connection] as number;
    if (instance >= 0 && this.takesCalls(group, instance)) this.occupy(group, instance);
    else dealt[connection] = this.pick(group);
    return dealt[connection] as number;
  }

  private takesCalls(group: number, instance: number): boolean {
    return (!this.groupFails[group] || this.isUp(group, instance)) && (this.groupMembers[group] as Int32Array).indexOf(instance) < (this.groupInstances[group] as number);
  }

  protected occupy(group: number, instance: number): void {
    const at = (this.groupBase[group] as number) + instance;
    this.groupActive[at] = (this.groupActive[at] as number) + 1;
  }

  /** True while no fault keeps the instance down. */
  protected isUp(group: number, instance: number): boolean {
    return this.downReasons[(this.groupBase[group] as number) + instance] === 0;
  }

  /** Place among the group's members. */
  protected place(group: number): number {
    const count = this.groupInstances[group] as number;
    if (count <= 1) return 0;
    switch (this.groupBalance[group]) {
      case BALANCE_ROUND_ROBIN:
      case BALANCE_CONNECTION: {
        const place = this.groupTurn[group] as number;
        this.groupTurn[group] = place + 1 < count ? place + 1 : 0;
        return place;
      }
      case BALANCE_LEAST: {
        let chosen = 0;
        for (let other = 1; other < count; other++) chosen = this.lessBusy(group, chosen, other);
        return chosen;
      }
      case BALANCE_TWO: {
        const one = Math.floor(this.chance() * count);
        const other = Math.floor(this.chance() * (count - 1));
        return this.lessBusy(group, one, other < one ? other : other + 1);
      }
      default:
        return Math.floor(this.chance() * count);
    }
  }

  /** The same choice among the members that are up. */
  private placeAmongUp(group: number): number {
    const count = this.groupInstances[group] as number;
    const members = this.groupMembers[group] as Int32Array;
    let up = 0;
    for (let place = 0; place < count; place++) if (this.isUp(group, members[place] as number)) up++;
    if (up === 0) return NONE;
    if (up === count) return this.place(group);
    const next = (from: number): number => {
      let place = from < count ? from : 0;
      while (!this.isUp(group, members[place] as number)) place = place + 1 < count ? place + 1 : 0;
      return place;
    };
    const nth = (n: number): number => {
      let place = next(0);
      for (let left = n; left > 0; left--) place = next(place + 1);
      return place;
    };
    switch (this.groupBalance[group]) {
      case BALANCE_ROUND_ROBIN:
      case BALANCE_CONNECTION: {
        const place = next(this.groupTurn[group] as number);
        this.groupTurn[group] = place + 1 < count ? place + 1 : 0;
        return place;
      }
      case BALANCE_LEAST: {
        let chosen = next(0);
        for (let place = chosen + 1; place < count; place++) if (this.isUp(group, members[place] as number)) chosen = this.lessBusy(group, chosen, place);
        return chosen;
      }
      case BALANCE_TWO: {
        const one = Math.floor(this.chance() * up);
        if (up === 1) return nth(one);
        const other = Math.floor(this.chance() * (up - 1));
        return this.lessBusy(group, nth(one), nth(other < one ? other : other + 1));
      }
      default:
        return nth(Math.floor(this.chance() * up));
    }
  }

  /** Of two places the one whose instance has fewer calls, the first where both have as many. */
  private lessBusy(group: number, one: number, other: number): number {
    const base = this.groupBase[group] as number;
    const members = this.groupMembers[group] as Int32Array;
    return (this.groupActive[base + (members[other] as number)] as number) < (this.groupActive[base + (members[one] as number)] as number) ? other : one;
  }

  private chance(): number {
    return uniform(this.streams, this.sourceCount + this.stationCount + this.code.start.length);
  }
}
