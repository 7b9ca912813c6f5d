using System.Diagnostics.CodeAnalysis;
using System.Text;
using Weir.Agent.Catalog;
using Weir.Agent.Masking;
using Weir.Agent.Recording;
using Weir.Agent.Reviews;
using Weir.Policy.Access;
using Weir.Policy.Analysis;
using Weir.Policy.Masking;

namespace Weir.Agent.Sessions;

/// <summary>
/// What a statement would change, found out before people are asked about it: tried where the rule wants that shown and it is safe, else by the planner's estimate.
/// </summary>
internal sealed class ReviewEffects(RelayState state)
{
    private const Effects Changes = Effects.Insert | Effects.Update | Effects.Delete | Effects.Merge;

    private byte[]? _askedFor;
    private byte[] _askedWith = [];
    private bool _isAnswered;
    private DryRunEffect? _effect;
    private double? _estimate;

    /// <summary>Whether there is nothing to wait for (any more).</summary>
    /// <param name="exactParameters">What tells one execution from another.</param>
    public bool TryGet(Judgement judgement, ParameterList parameters, ReadOnlySpan<byte> exactParameters)
    {
        if (_askedFor is { } asked && asked.AsSpan().SequenceEqual(judgement.Text) && exactParameters.SequenceEqual(_askedWith))
        {
            if (!_isAnswered)
                state.Park();
            return _isAnswered;
        }

        _askedFor = judgement.Text;
        _askedWith = exactParameters.ToArray();
        _isAnswered = false;
        _effect = null;
        _estimate = null;
        var reason = judgement.Decision.Review is { ShowEffect: true } ? ReasonAgainst(judgement) : "";
        if (reason is { Length: > 0 })
            _effect = DryRunEffect.NotRun(reason);
        if (reason is not null && !CanBePlanned(judgement))
            return _isAnswered = true;
        Ask(judgement, BoundParameters.Of(parameters), isTried: reason is null);
        return _isAnswered;
    }

    /// <summary>The draft with what was found out for the review that is asked for now.</summary>
    public ReviewDraft AddTo(ReviewDraft draft)
    {
        var complete = draft with { Effect = _effect, EstimatedRows = _estimate };
        _effect = null;
        _estimate = null;
        _askedFor = null;
        return complete;
    }

    /// <summary>Apart, because what it hands on would cost every held statement an allocation.</summary>
    private void Ask(Judgement judgement, BoundParameters? parameters, bool isTried)
    {
        state.Park();
        var driver = state.Session.Driver;
        var askedFor = _askedFor;
        var analysis = judgement.Statements[0].Analysis!;
        var length = analysis.Length > 0 ? analysis.Length : judgement.Text.Length - analysis.Start;
        var target = isTried ? TargetOf(analysis) : null;
        void Answer(double? estimate, DryRunEffect? effect, RawSample? sample) => driver.Post(session =>
        {
            if (session.IsOver || !ReferenceEquals(_askedFor, askedFor))
                return;
            _estimate = estimate;
            if (effect is not null)
                _effect = sample is not null && target is { } table && Show(table, sample) is { } shown ? effect with { Samples = [shown] } : effect;
            _isAnswered = true;
            state.Resume();
        });

        state.Start.Catalog.Ask(new CatalogQuestion(
            state.Surroundings.SearchPathText!,
            state.Surroundings.CurrentUser,
            Encoding.UTF8.GetString(judgement.Text.AsSpan(analysis.Start, length)))
        {
            Parameters = parameters,
            SampleOf = target is { } sampled ? NameOf(sampled) : null,
            OnEffect = isTried ? (effect, sample) => Answer(null, effect, sample) : null,
            OnEstimate = isTried ? null : estimate => Answer(estimate, null, null),
        });
    }

    /// <summary>The first table that is certain to be changed: the statement's own target, unless that is a view.</summary>
    private static QualifiedName? TargetOf(StatementAnalysis analysis)
    {
        foreach (var relation in analysis.Relations)
        {
            if ((relation.Effects & Changes) != 0 && !relation.ThroughView)
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
                surroundings.Catalog);
            MaskingPlan PlanOf(Policy.Compilation.SessionPolicy policy) => policy.HasMasking ? policy.PlanMasking(analysis) : MaskingPlan.None;
        }
        catch (Exception)
        {
            return null;
        }
    }

    private bool CanBePlanned(Judgement judgement) =>
        judgement.Statements is [{ Analysis: { } analysis }] && EstimatedDecision.IsHarmless(analysis) && state.Surroundings.SearchPathText is not null;

    private string? ReasonAgainst(Judgement judgement)
    {
        if (judgement.Statements is not [{ Analysis: { } analysis }])
            return "the text has several statements";
        if ((analysis.Effects & Changes) == 0 || !EstimatedDecision.IsHarmless(analysis))
            return "only plain changes of rows are tried";
        if (state.Status != Weir.Protocol.Postgres.TransactionStatus.Idle)
            return "a transaction is open, whose changes are not seen from outside";
        return state.Surroundings.SearchPathText is null ? "the search path is not known" : null;
    }
}
