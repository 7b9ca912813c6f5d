using Weir.Protocol.Postgres.Frontend;

namespace Weir.Agent.Sessions;

/// <summary>
/// An error in the extended protocol: the server carries out nothing more until the next Sync. Names that were given in advance are taken back, the
/// last one first.
/// </summary>
internal sealed class RunUndo(RelayState state, AnswerEnds ends)
{
    /// <returns>Whether a guarded statement was among what was dropped.</returns>
    public bool DropRun()
    {
        var isGuarded = false;
        var count = 0;
        while (count < state.InFlight.Count && state.InFlight[count].Kind != InFlightKind.Sync)
            count++;
        if (count == state.InFlight.Count)
        {
            state.SkipsUntilSync = true;
            state.HasUnsynced = true;
        }

        for (var i = count - 1; i >= 0; i--)
            Undo(ref state.InFlight[i], isFirst: i == 0);
        for (var i = 0; i < count; i++)
        {
            ref var head = ref state.InFlight.Head;
            isGuarded |= head.IsGuarded || head.Purpose is InFlightPurpose.Measure or InFlightPurpose.GuardedText;
            // The guard ends the statements of its texts itself.
            if (i > 0 && head.FirstStatement > 0 && !(head.IsGuarded && head.Portal is null))
                ends.Unrun(ref head);
            state.RemoveHead();
        }

        state.Resume();
        return isGuarded;
    }

    private void Undo(ref InFlight entry, bool isFirst)
    {
        if (entry.IsInjected)
            return;
        switch (entry.Kind)
        {
            // The failed Parse of the unnamed statement has done away with the one before; all others leave what there was.
            case InFlightKind.Parse when entry.Name is null && isFirst:
                state.Names.SetPrepared([], null);
                break;
            case InFlightKind.Parse or InFlightKind.Close when entry.Kind == InFlightKind.Parse || entry.Target == TargetKind.Statement:
                if (entry.Refusal is null || entry.Name is null)
                    state.Names.SetPrepared(entry.Name, (PreparedStatement?)entry.Previous);
                state.Surroundings.OnNamesChanged();
                break;
            case InFlightKind.Bind or InFlightKind.Close when entry.Refusal is null:
                state.Names.SetPortal(entry.Name, (Portal?)entry.Previous);
                break;
        }
    }
}
