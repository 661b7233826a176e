/* What cards and lists say: everything known of a segment, a problem, a finding, a track. */
(function (root) {
  "use strict";
  const PM = (root.PM = root.PM || {});

  function rowOf(text, word) {
    for (let r = 0; r < text.codes.length; r++) if (text.at(r) === word) return r;
    return -1;
  }

  // More tracks at once are a tangle, and too slow to draw while somebody slides.
  PM.MOST_TRACKS = 300;

  PM.Records = class extends PM.Query {
    /** Everything a card says about a segment. */
    card(i) {
      const { segments, levels, visits, patrols, problems } = this.store;
      const card = this.brief(i);
      card.grade = segments.grade.at(i);
      card.why = this.why.at(i);
      card.last_on = segments.last_on[i];
      card.last_minute = segments.last_minute ? segments.last_minute[i] : -1;
      card.last_offset_m = segments.last_offset_m[i];
      card.due_on = segments.due_on[i];
      card.declared = segments.declared[i];
      card.visits = segments.visits[i];
      card.metres = {};
      for (const name of this.store.meta.metres) card.metres[name] = segments[name][i];
      const by = segments.last_by.at(i);
      const patrol = by ? rowOf(patrols.patrol_id, by) : -1;
      card.patrol = patrol < 0 ? null : {
        id: by, person: patrols.person.at(patrol), unit: patrols.unit.at(patrol),
        mode: patrols.mode.at(patrol), grade: patrols.grade.at(patrol), file: patrols.file.at(patrol),
      };
      card.levels = levels.map((l) => ({
        level: l.level, state: this.store.meta.states[l.state[i]], why: l.why.at(i),
      }));
      card.duties = this.dutiesOf(i);
      card.days = [];
      for (let v = visits.first[i + 1] - 1; v >= visits.first[i] && card.days.length < 12; v--) {
        card.days.push({ day: visits.first_day + visits.day[v], kind: visits.kind[v] });
      }
      card.problems = [];
      for (let p = 0; p < problems.n; p++) if (problems.segment[p] === i) card.problems.push(this.problem(p));
      card.line = this.line(i);
      card.reasons = PM.reasonsOf(this.store.reasons, i);
      return card;
    }

    dutiesOf(i) {
      const { duties, segments } = this.store;
      const out = [];
      const set = duties.set_of_segment[i];
      const end = segments.from_mm[i] + segments.length_mm[i];
      for (let k = duties.first[set]; k < duties.first[set + 1]; k++) {
        const d = duties.members[k];
        out.push({
          level: duties.level.at(d), role: duties.role.at(d), holder: duties.holder.at(d),
          unit: duties.unit.at(d), phone: duties.phone.at(d), side: duties.side.at(d),
          from_on: duties.from_on[d], until_on: duties.until_on[d],
          from_mm: Math.max(duties.from_mm[d], segments.from_mm[i]), to_mm: Math.min(duties.to_mm[d], end),
        });
      }
      return out;
    }

    problem(p) {
      const { problems } = this.store;
      const out = { p, open: problems.open[p], late: problems.late[p], reported_on: problems.reported_on[p],
        due_on: problems.due_on[p], closed_on: problems.closed_on[p], chainage_m: problems.chainage_m[p],
        segment: problems.segment[p], placed: problems.place.placed[p],
        x: problems.place.x[p], y: problems.place.y[p] };
      for (const name of ["problem_id", "category", "status", "description", "photo", "owner", "unit",
        "reporter", "why"]) out[name] = problems[name].at(p);
      return out;
    }

    /** Findings worst first, up to `most`, of one rule or of all, with how many each rule has. */
    findings(rule, most) {
      const { findings } = this.store;
      // A rule may be called anything, also what plain objects already have.
      const counts = Object.create(null);
      const rows = [];
      for (let f = 0; f < findings.n; f++) {
        const name = findings.rule.at(f);
        counts[name] = (counts[name] || 0) + 1;
        if ((!rule || name === rule) && rows.length < most) rows.push(this.finding(f));
      }
      return { rows, counts };
    }

    finding(f) {
      const { findings } = this.store;
      const out = { f, segment: findings.segment[f], length_mm: findings.length_mm[f],
        from_mm: findings.from_mm[f], since_on: findings.since_on[f], placed: findings.place.placed[f],
        x: findings.place.x[f], y: findings.place.y[f] };
      for (const text of ["finding_id", "rule", "severity", "side", "level", "who_acts", "evidence", "action", "why"]) {
        out[text] = findings[text].at(f);
      }
      out.name = out.segment >= 0 ? this.store.segments.name.at(out.segment) : "";
      return out;
    }

    /** The finding or the problem of an id, as a card takes it, or null. */
    named(table, id) {
      const row = rowOf(table === "finding" ? this.store.findings.finding_id : this.store.problems.problem_id, id);
      return row < 0 ? null : this[table](row);
    }

    /** The newest raw tracks of the days from..until, each a flat run of cells. */
    tracks(from, until) {
      const { tracks } = this.store;
      const out = [];
      for (let k = 0; k < tracks.n && out.length < PM.MOST_TRACKS; k++) {
        if (tracks.day[k] < from || tracks.day[k] > until) continue;
        const { first, x, y } = tracks.lines;
        out.push({ day: tracks.day[k], x: x.slice(first[k], first[k + 1]), y: y.slice(first[k], first[k + 1]) });
      }
      return out;
    }
  };
})(self);
