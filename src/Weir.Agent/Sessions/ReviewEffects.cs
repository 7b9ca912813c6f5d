using System.Text;
using Weir.Agent.Reviews;
using Weir.Policy.Analysis;

namespace Weir.Agent.Sessions;

/// <summary>What a statement would change, found out before people are asked about it, where the rule wants it shown.</summary>
internal sealed class ReviewEffects(RelayState state)
{
    private byte[]? _askedFor;
    private DryRunEffect? _effect;

    /// <summary>Whether there is nothing to wait for (any more).</summary>
    public bool TryGet(Judgement judgement, bool hasParameters)
    {
        if (judgement.Decision.Review is not { ShowEffect: true })
            return true;
        if (_askedFor is { } asked && asked.AsSpan().SequenceEqual(judgement.Text))
        {
            if (_effect is null)
                state.Park();
            return _effect is not null;
        }

        _askedFor = judgement.Text;
        _effect = ReasonAgainst(judgement, hasParameters) is { } reason ? DryRunEffect.NotRun(reason) : null;
        if (_effect is not null)
            return true;
        state.Park();
        var driver = state.Session.Driver;
        var analysis = judgement.Statements[0].Analysis!;
        var length = analysis.Length > 0 ? analysis.Length : judgement.Text.Length - analysis.Start;
        state.Start.Catalog.DryRun(
            state.Surroundings.SearchPathText!,
            state.Surroundings.CurrentUser,
            Encoding.UTF8.GetString(judgement.Text.AsSpan(analysis.Start, length)),
            effect => driver.Post(session =>
            {
                if (session.IsOver)
                    return;
                _effect = effect;
                state.Resume();
            }));
        return false;
    }

    /// <summary>The effect for the review that is asked for now; null when none is to be shown.</summary>
    public DryRunEffect? Take()
    {
        var effect = _effect;
        _effect = null;
        _askedFor = null;
        return effect;
    }

    private string? ReasonAgainst(Judgement judgement, bool hasParameters)
    {
        if (judgement.Statements is not [{ Analysis: { } analysis }])
            return "the text has several statements";
        if (hasParameters)
            return "the statement has parameters";
        if ((analysis.Effects & (Effects.Insert | Effects.Update | Effects.Delete | Effects.Merge)) == 0 || !EstimatedDecision.IsHarmless(analysis))
            return "only plain changes of rows are tried";
        if (state.Status != Weir.Protocol.Postgres.TransactionStatus.Idle)
            return "a transaction is open, whose changes are not seen from outside";
        return state.Surroundings.SearchPathText is null ? "the search path is not known" : null;
    }
}
