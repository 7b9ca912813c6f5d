using System.Diagnostics.CodeAnalysis;
using System.Text;
using Weir.Agent.Catalog;
using Weir.Agent.Masking;
using Weir.Agent.Recording;
using Weir.Agent.Reviews;
using Weir.Agent.Sessions.Judging;
using Weir.Policy.Access;
using Weir.Policy.Analysis;
using Weir.Policy.Masking;
using Weir.Protocol.Postgres;

namespace Weir.Agent.Sessions.Holds;

/// <summary>
/// What a statement would change, found out before people are asked about it: tried where the rule wants that shown and it is safe, else by the planner's estimate.
/// </summary>
internal sealed class ReviewEffects(RelayState state)
{
    private byte[]? _askedFor;
    private byte[] _askedWith = [];
    private bool _isAnswered;
    private bool _isCancelled;
    private DryRunEffect? _effect;
    private double? _estimate;

    /// <summary>Whether there is nothing to wait for (any more).</summary>
    /// <param name="exactParameters">What tells one execution from another.</param>
    /// <param name="sent">Of a Query its text as it came, of a Bind the body; else empty.</param>
    /// <param name="isCancelled">The client took the statement back meanwhile.</param>
    public bool TryGet(Judgement judgement, bool isExtended, ParameterList parameters, ReadOnlySpan<byte> exactParameters, ReadOnlySpan<byte> sent, out bool isCancelled)
    {
        isCancelled = false;
        if (_askedFor is { } asked && asked.AsSpan().SequenceEqual(judgement.Text) && exactParameters.SequenceEqual(_askedWith))
        {
            if (!_isAnswered)
            {
                state.Park();
                return false;
            }

            isCancelled = _isCancelled;
            if (isCancelled)
                Forget();
            return true;
        }

        var reason = judgement.Decision.Review is { ShowEffect: true } ? DryRunRules.ReasonAgainst(judgement) : "";
        if (reason is null)
        {
            // What comes before it must have been done, and have been answered.
            if (!state.TryBeQuiet())
                return false;
            reason = ReasonAgainstNow(sent);
        }

        Forget();
        _askedFor = judgement.Text;
        _askedWith = exactParameters.ToArray();
        if (reason is null)
        {
            Try(judgement, isExtended, parameters, sent);
            return false;
        }

        if (reason.Length > 0)
            _effect = DryRunEffect.NotRun(reason);
        Estimate(judgement, parameters);
        return _isAnswered;
    }

    /// <summary>The draft with what was found out for the review that is asked for now.</summary>
    public ReviewDraft AddTo(ReviewDraft draft)
    {
        var complete = draft with { Effect = _effect, EstimatedRows = _estimate };
        Forget();
        return complete;
    }

    /// <summary>A CancelRequest of the client. True when the statement that is looked at was meant.</summary>
    public bool Cancel()
    {
        if (_askedFor is null || _isAnswered)
            return false;
        _isCancelled = true;
        if (state.DryRun.IsRunning)
        {
            state.DryRun.Cancel();
            return true;
        }

        _isAnswered = true;
        state.Resume();
        return true;
    }

    private void Forget()
    {
        _askedFor = null;
        _isAnswered = _isCancelled = false;
        _effect = null;
        _estimate = null;
    }

    /// <summary>Apart, because what it hands on would cost every held statement an allocation.</summary>
    private void Try(Judgement judgement, bool isExtended, ParameterList parameters, ReadOnlySpan<byte> sent)
    {
        state.Park();
        var bound = BoundParameters.Of(parameters);
        var target = state.IsUtf8 ? TargetOf(judgement.Statements[0].Analysis!) : null;
        var order = new DryRunOrder(sent.ToArray(), IsBind: isExtended, state.IsInBlock, target is { } table ? NameOf(table) : null);
        state.DryRun.Start(order, (effect, sample) =>
        {
            _effect = sample is not null && Show(target!.Value, sample) is { } shown ? effect with { Samples = [shown] } : effect;
            if (effect.NotRunBecause is null || _isCancelled)
                _isAnswered = true;
            else
                Ask(judgement, bound);
        });
    }

    private void Estimate(Judgement judgement, ParameterList parameters)
    {
        if (!CanBePlanned(judgement))
            _isAnswered = true;
        else
            Ask(judgement, BoundParameters.Of(parameters));
    }

    private void Ask(Judgement judgement, BoundParameters? parameters)
    {
        if (!CanBePlanned(judgement))
        {
            _isAnswered = true;
            return;
        }

        state.Park();
        var driver = state.Session.Driver;
        var askedFor = _askedFor;
        var analysis = judgement.Statements[0].Analysis!;
        var length = analysis.Length > 0 ? analysis.Length : judgement.Text.Length - analysis.Start;
        state.Start.Catalog.Ask(new CatalogQuestion(
            state.Surroundings.SearchPathText!,
            state.Surroundings.CurrentUser,
            Encoding.UTF8.GetString(judgement.Text.AsSpan(analysis.Start, length)))
        {
            Parameters = parameters,
            OnEstimate = estimate => driver.Post(session =>
            {
                if (session.IsOver || !ReferenceEquals(_askedFor, askedFor) || _isAnswered)
                    return;
                _estimate = estimate;
                _isAnswered = true;
                state.Resume();
            }),
        });
    }

    /// <summary>The first table that is certain to be changed: the statement's own target, unless that is a view.</summary>
    private static QualifiedName? TargetOf(StatementAnalysis analysis)
    {
        foreach (var relation in analysis.Relations)
        {
            if (DryRunRules.IsChange(relation) && !relation.ThroughView)
                return relation.IsAmbiguous ? null : relation.Candidates[0];
        }

        return null;
    }

    private static string NameOf(QualifiedName table) => $"{PlannerEstimate.Quote(table.Schema)}.{PlannerEstimate.Quote(table.Name)}";

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "Whatever a masker throws: without a sample the count is still worth something.")]
    private ShownRows? Show(QualifiedName table, RawSample sample)
    {
        try
        {
            var surroundings = state.Surroundings;
            var nobody = new Principal(Guid.Empty, "reviewers", PrincipalKind.User, []);
            var anonymous = surroundings.Compiled.ForSession(nobody, state.Start.Identity.ConnectionName, surroundings.Right);
            var text = Encoding.UTF8.GetBytes($"SELECT * FROM {NameOf(table)}");
            if (surroundings.Judge(state.Pinned, isUnknown: false).Make(text).Statements is not [{ Analysis: { } analysis }])
                return null;
            return SampleMasker.Mask(
                table.ToString(),
                sample,
                [(surroundings.Policy, PlanOf(surroundings.Policy)), (anonymous, PlanOf(anonymous))],
                surroundings.Catalog,
                surroundings.TemporaryOids);
            MaskingPlan PlanOf(Policy.Compilation.SessionPolicy policy) => policy.HasMasking ? policy.PlanMasking(analysis) : MaskingPlan.None;
        }
        catch (Exception)
        {
            return null;
        }
    }

    private bool CanBePlanned(Judgement judgement) =>
        judgement.Statements is [{ Analysis: { } analysis }] && EstimatedDecision.IsHarmless(analysis) && state.Surroundings.SearchPathText is not null;

    /// <summary>Why a statement that could be tried is not tried at this moment.</summary>
    private string? ReasonAgainstNow(ReadOnlySpan<byte> sent)
    {
        if (state.Status == TransactionStatus.Failed)
            return "the transaction has failed";
        if (state.HasUnsyncedWork && !state.IsInBlock)
            return "earlier statements of the same pipeline are not committed yet";
        if (sent.IsEmpty)
            return "the rules have changed since it was bound";
        return state.Surroundings.Catalog is null ? "what it sets off can't be told before the definitions of the same transaction are committed" : null;
    }
}
