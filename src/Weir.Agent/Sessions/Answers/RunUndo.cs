using Weir.Agent.Sessions.Statements;
using Weir.Protocol.Postgres.Frontend;

namespace Weir.Agent.Sessions.Answers;

/// <summary>
/// An error in the extended protocol: the server carries out nothing more until the next Sync. Names that were given in advance are taken back, the
/// last one first.
/// </summary>
internal sealed class RunUndo(RelayState state, AnswerEnds ends)
{
    /// <param name="isProbe">A question of the <see cref="NameProbe"/> was among what was dropped.</param>
    /// <returns>Whether a guarded statement was among it.</returns>
    public bool DropRun(out bool isProbe)
    {
        var isGuarded = isProbe = false;
        var count = 0;
        while (count < state.InFlight.Count && state.InFlight[count].Kind != InFlightKind.Sync)
            count++;
        if (count == state.InFlight.Count)
        {
            state.SkipsUntilSync = true;
            state.HasUnsynced = true;
        }

        for (var i = count - 1; i >= 0; i--)
            Undo(ref state.InFlight[i], count, isFirst: i == 0);
        for (var i = 0; i < count; i++)
        {
            ref var head = ref state.InFlight.Head;
            isGuarded |= head.IsGuarded || head.Purpose is InFlightPurpose.Measure or InFlightPurpose.GuardedText;
            isProbe |= head.Purpose == InFlightPurpose.Names;
            // The guard ends the statements of its texts itself.
            if (i > 0 && head.FirstStatement > 0 && !(head.IsGuarded && head.Portal is null))
                ends.Unrun(ref head);
            state.RemoveHead();
        }

        state.Resume();
        return isGuarded;
    }

    private void Undo(ref InFlight entry, int count, bool isFirst)
    {
        if (entry.IsInjected)
            return;
        switch (entry.Kind)
        {
            // The failed Parse of the unnamed statement has done away with the one before; all others leave what there was.
            case InFlightKind.Parse when entry.Name is null && isFirst:
                RestorePrepared(ref entry, null, count);
                break;
            case InFlightKind.Parse or InFlightKind.Close when entry.Kind == InFlightKind.Parse || entry.Target == TargetKind.Statement:
                if (entry.Refusal is null || entry.Name is null)
                    RestorePrepared(ref entry, (PreparedStatement?)entry.Previous, count);
                state.Surroundings.OnNamesChanged();
                break;
            case InFlightKind.Bind or InFlightKind.Close when entry.Refusal is null:
                if (ReferenceEquals(state.Names.FindPortal(entry.Name), entry.Kind == InFlightKind.Bind ? entry.Portal : null))
                    state.Names.SetPortal(entry.Name, (Portal?)entry.Previous);
                else
                    Relink(ref entry, entry.Kind == InFlightKind.Bind ? entry.Portal : null, entry.Previous, count, isPortal: true);
                break;
        }
    }

    private void RestorePrepared(ref InFlight entry, PreparedStatement? previous, int count)
    {
        var given = entry.Kind == InFlightKind.Parse ? entry.Prepared : null;
        if (ReferenceEquals(state.Names.FindPrepared(entry.Name), given))
            state.Names.SetPrepared(entry.Name, previous);
        else
            Relink(ref entry, given, previous, count, isPortal: false);
    }

    /// <summary>A later run has given the name to something else already: what that replaces is what was there before this entry.</summary>
    private void Relink(ref InFlight entry, object? given, object? previous, int count, bool isPortal)
    {
        for (var i = count; i < state.InFlight.Count; i++)
        {
            ref var later = ref state.InFlight[i];
            var isSame = isPortal
                ? later.Kind == InFlightKind.Bind || (later.Kind == InFlightKind.Close && later.Target == TargetKind.Portal)
                : later.Kind == InFlightKind.Parse || (later.Kind == InFlightKind.Close && later.Target == TargetKind.Statement);
            if (!isSame || later.IsInjected || !ReferenceEquals(later.Previous, given) || !later.Name.AsSpan().SequenceEqual(entry.Name))
                continue;
            later.Previous = previous;
            return;
        }
    }
}
