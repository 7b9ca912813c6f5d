using System.Diagnostics.CodeAnalysis;
using System.Text;
using Weir.Agent.Catalog;
using Weir.Agent.Recording;
using Weir.Agent.Sessions.Statements;
using Weir.Policy.Analysis;
using Weir.Policy.Decisions;
using Weir.Protocol.Postgres;
using Weir.Protocol.Postgres.Backend;
using Weir.Sql.Catalog;

namespace Weir.Agent.Sessions.Judging;

/// <summary>
/// Gives the judgement of a text under the present surroundings: first sees to it that these are known, then from the cache, then by analysis, on
/// the thread pool when that may take long.
/// </summary>
internal sealed class TextJudge(RelayState state, NameProbe probe)
{
    /// <summary>Longer texts are analysed on the thread pool: a loop serves other sessions.</summary>
    private const int InlineText = 4 * 1024;

    private Judgement? _ready;
    private int _readyIn;
    private bool _askedCatalog;
    private bool _askedNames;
    private uint _askedFunction;
    private double? _estimate;
    private Judgement? _estimated;
    private byte[] _estimatedWith = [];

    private Surroundings Surroundings => state.Surroundings;

    /// <summary>What no value of a parameter and no estimate has a part in.</summary>
    /// <returns>False: the message that brought the text waits.</returns>
    public bool TryJudge(ReadOnlySpan<byte> received, [NotNullWhen(true)] out Judgement? judgement)
    {
        if (!TrySettle(out judgement))
            return judgement is not null;
        return TryFind(Decode(received, out var owned), owned, out judgement);
    }

    /// <inheritdoc cref="TryJudge(ReadOnlySpan{byte}, out Judgement?)"/>
    public bool TryJudge(PreparedStatement prepared, [NotNullWhen(true)] out Judgement? judgement)
    {
        if (!TrySettle(out judgement))
            return judgement is not null;
        if (prepared is { Text.Length: 0, Analysis: not null })
        {
            // Judged as the blank text that it seems to be, it would pass whatever it does.
            judgement = Refused(Diagnostic.Error(SqlStates.FeatureNotSupported, "weir: a statement of PREPARE whose text is not known can't be bound"));
            return true;
        }

        if (prepared.Judgement is { IsPrivate: false } last && prepared.JudgedIn == Surroundings.Generation && !state.IsInFailedBlock
            && (last.ValidUntil is not { } until || until > state.Session.Services.Time.GetUtcNow()))
        {
            judgement = last;
        }
        else if (!TryFind(prepared.Text, prepared.Text, out judgement))
        {
            return false;
        }
        else
        {
            prepared.Judgement = judgement;
            prepared.JudgedIn = Surroundings.Generation;
        }

        return true;
    }

    /// <summary>The function of a FunctionCall, as the catalog knows it now.</summary>
    /// <returns>False: it is refused, or the message waits.</returns>
    public bool TryFindFunction(uint oid, [NotNullWhen(true)] out FunctionSignature? function, out Diagnostic? refusal)
    {
        function = null;
        refusal = null;
        if (!TrySettle(out var refused))
        {
            refusal = refused?.Refusal;
            return false;
        }

        function = Surroundings.FindFunction(oid);
        if (function is null && _askedFunction != oid && !state.IsInFailedBlock)
        {
            // It may have been made a moment ago.
            _askedFunction = oid;
            RefreshCatalog();
            return false;
        }

        _askedFunction = 0;
        if (function is null)
            refusal = Diagnostic.Error("42883", $"function with OID {oid} does not exist");
        return function is not null;
    }

    /// <summary>The analysis of a prepared statement under the present surroundings, for EXECUTE; null when it can't be had.</summary>
    public StatementAnalysis? AnalyzePrepared(PreparedStatement prepared)
    {
        if (prepared.Text.Length == 0)
            return prepared.Analysis;
        if (prepared.Judgement is null or { IsPrivate: true, Refusal: not null } || prepared.JudgedIn != Surroundings.Generation)
        {
            // Statements that execute each other have no meaning.
            if (prepared.IsBeingJudged)
                return null;
            prepared.IsBeingJudged = true;
            prepared.Judgement = Surroundings.Find(prepared.Text) ?? Surroundings.Judge(state.Pinned, isUnknown: false).Make(prepared.Text);
            prepared.JudgedIn = Surroundings.Generation;
            prepared.IsBeingJudged = false;
        }

        return prepared.Judgement.Statements is [var only] ? only.Analysis : null;
    }

    /// <summary>False with a judgement: it is refused whatever it says. False without: it waits.</summary>
    private bool TrySettle(out Judgement? refused)
    {
        refused = null;
        if (!ReferenceEquals(state.Session.Services.Policies.Current, Surroundings.Compiled))
        {
            // Another policy is in force; the news of it may still be on its way to this session.
            state.Session.OnPolicyChanged();
            if (state.Session.IsOver)
                return false;
        }

        if (state.UnsafeRefusal is { } unsafeSetting)
        {
            refused = Refused(unsafeSetting);
            return false;
        }

        if (!state.Session.Services.Policies.IsUsable(state.Start.Identity.Principal.Kind))
        {
            refused = Refused(Diagnostic.Error(SqlStates.CannotConnectNow, "weir: no usable policy: the agent has not heard from its control plane for too long") with { Hint = "Try again later." });
            return false;
        }

        if (state.Movers > 0)
        {
            // What a name means is settled only when the statements in front have run.
            state.Flush();
            state.Park();
            return false;
        }

        if (probe.IsRunning)
        {
            state.Park();
            return false;
        }

        if (Surroundings.NeedsProbe && !state.IsInFailedBlock)
        {
            state.Park();
            probe.Start();
            return false;
        }

        if (AwaitsCatalogNow && !_askedCatalog && Surroundings.Policy.HasMasking)
        {
            _askedCatalog = true;
            state.Park();
            state.RefreshCatalog();
            return false;
        }

        _askedCatalog &= Surroundings.AwaitsCatalog;
        Surroundings.Refresh();
        return true;
    }

    private bool TryFind(ReadOnlySpan<byte> text, byte[]? owned, [NotNullWhen(true)] out Judgement? judgement)
    {
        if (_ready is { } ready)
        {
            _ready = null;
            if (_readyIn == Surroundings.Generation && ready.Text.AsSpan().SequenceEqual(text))
            {
                judgement = ready;
                return true;
            }
        }

        // In a failed transaction names can't be asked for; the server refuses all but its end anyway.
        var isUnknown = state.IsInFailedBlock && Surroundings.IsStale;
        judgement = isUnknown ? null : Surroundings.Find(text, state.Spare);
        if (judgement is not null)
        {
            if (ReferenceEquals(judgement, state.Spare))
                state.Spare = null;
            return true;
        }

        if (text.Length > InlineText && AwaitsCatalogNow && !_askedCatalog)
        {
            // A script, most likely, which uses what the last one has made.
            _askedCatalog = true;
            state.Park();
            state.RefreshCatalog();
            return false;
        }

        owned ??= text.ToArray();
        var judge = Surroundings.Judge(state.Pinned, isUnknown);
        if (text.Length > InlineText && !MentionsNames(text))
        {
            AnalyzeElsewhere(judge, owned);
            return false;
        }

        judgement = judge.Make(owned);
        if (Lacks(judgement))
        {
            judgement = null;
            return false;
        }

        if (!isUnknown)
            Surroundings.Store(judgement);
        return true;
    }

    /// <summary>
    /// The text names something that the catalog does not hold. It may have been made a moment ago: the catalog is read again, once, before
    /// the text is judged as it is.
    /// </summary>
    private bool Lacks(Judgement judgement)
    {
        var isAwaited = AwaitsCatalogNow && (judgement.Effects & Effects.Unknown) != 0;
        var lacks = !_askedNames && !state.IsInFailedBlock
            && (isAwaited || (judgement.Policy.HasMasking && judgement.Statements.Any(s => s.Analysis is { HasUnresolvedNames: true })));
        _askedNames = lacks;
        if (lacks && isAwaited)
        {
            state.Park();
            state.RefreshCatalog();
        }
        else if (lacks)
        {
            RefreshCatalog();
        }

        return lacks;
    }

    /// <summary>Definitions of the session are committed, and have not been seen yet.</summary>
    private bool AwaitsCatalogNow => Surroundings.AwaitsCatalog && state.Status == TransactionStatus.Idle && state.InFlight.Count == 0;

    private void RefreshCatalog()
    {
        state.Park();
        var driver = state.Session.Driver;
        state.Start.Catalog.Refresh(_ => driver.Post(session =>
        {
            if (!session.IsOver)
                state.Resume();
        }));
    }

    /// <summary>A statement that goes by names of the session is analysed here: they must not change meanwhile.</summary>
    private static bool MentionsNames(ReadOnlySpan<byte> text)
    {
        if (text.Length > 256 * 1024)
            return false;
        var lower = Encoding.ASCII.GetString(text);
        return lower.Contains("execute", StringComparison.OrdinalIgnoreCase) || lower.Contains("fetch", StringComparison.OrdinalIgnoreCase);
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "A defect of the analysis ends its session, not the process.")]
    private void AnalyzeElsewhere(Judge judge, byte[] text)
    {
        state.Park();
        var driver = state.Session.Driver;
        var generation = Surroundings.Generation;
        ThreadPool.UnsafeQueueUserWorkItem(
            _ =>
            {
                Judgement? made = null;
                string? fault = null;
                try
                {
                    made = judge.Make(text);
                }
                catch (Exception exception)
                {
                    fault = exception.GetType().Name;
                }

                driver.Post(session =>
                {
                    if (session.IsOver)
                        return;
                    if (made is null)
                    {
                        session.Fail("analysis: " + fault);
                        return;
                    }

                    _ready = made;
                    _readyIn = generation;
                    if (generation == Surroundings.Generation)
                        Surroundings.Store(made);
                    state.Resume();
                });
            },
            null);
    }

    /// <summary>Where a rule depends on the planner's estimate, asks for it before the statement runs.</summary>
    /// <inheritdoc cref="TryJudge(ReadOnlySpan{byte}, out Judgement?)" path="/returns"/>
    public bool TryEstimate(ref Judgement judgement, ParameterList parameters)
    {
        var asked = judgement;
        if (asked.Refusal is not null || asked.Decision.EstimateOver.IsDefaultOrEmpty)
            return true;
        // What was found out for a message that was dropped meanwhile says nothing of another one's values.
        if (ReferenceEquals(_estimated, asked) && parameters.Source.SequenceEqual(_estimatedWith))
        {
            judgement = EstimatedDecision.Apply(asked, _estimate);
            _estimated = null;
            return true;
        }

        if (asked.Statements is not [{ Analysis: { } analysis }] || !EstimatedDecision.IsHarmless(analysis) || Surroundings.SearchPathText is not { } searchPath)
        {
            // Can't be asked: counts as exceeding.
            judgement = EstimatedDecision.Apply(asked, null);
            return true;
        }

        Ask(asked, analysis, searchPath, BoundParameters.Of(parameters), parameters.Source.ToArray());
        return false;
    }

    /// <summary>Apart, because what it hands on would cost every statement an allocation.</summary>
    private void Ask(Judgement asked, StatementAnalysis analysis, string searchPath, BoundParameters? parameters, byte[] source)
    {
        state.Park();
        var driver = state.Session.Driver;
        var statement = Encoding.UTF8.GetString(asked.Text.AsSpan(analysis.Start, analysis.Length > 0 ? analysis.Length : asked.Text.Length - analysis.Start));
        state.Start.Catalog.Ask(new CatalogQuestion(searchPath, Surroundings.CurrentUser, statement)
        {
            Parameters = parameters,
            OnEstimate = rows => driver.Post(session =>
            {
                if (session.IsOver)
                    return;
                _estimate = rows;
                _estimated = asked;
                _estimatedWith = source;
                state.Resume();
            }),
        });
    }

    /// <summary>The text in UTF-8.</summary>
    private ReadOnlySpan<byte> Decode(ReadOnlySpan<byte> received, out byte[]? owned)
    {
        owned = null;
        if (state.IsUtf8 || Ascii.IsValid(received))
            return received;
        owned = ClientEncoding.ToUtf8(state.ClientEncodingName, received);
        return owned;
    }

    private Judgement Refused(Diagnostic refusal)
    {
        var decision = new Decision(Verdict.Deny, [new DecisionReason(ReasonSource.Gateway, "gateway", Verdict.Deny, refusal.Message, refusal.Hint)], null, [], ReadOnlyMemory<byte>.Empty);
        return new Judgement
        {
            Text = [],
            Policy = Surroundings.Policy,
            Decision = decision,
            Refusal = refusal,
            Statements = [new JudgedStatement(null, Weir.Policy.Masking.MaskingPlan.None, "(not inspected)"u8.ToArray(), decision, Surroundings.Compiled.Version)],
            IsPrivate = true,
        };
    }
}
