using Weir.Agent.Recording;
using Weir.Agent.Sessions.Budgets;
using Weir.Agent.Sessions.Holds;
using Weir.Agent.Sessions.Judging;
using Weir.Policy.Decisions;
using Weir.Protocol.Postgres;
using Weir.Protocol.Postgres.Backend;
using Weir.Protocol.Postgres.Framing;
using Weir.Protocol.Postgres.Frontend;

namespace Weir.Agent.Sessions.Statements;

/// <summary>The gate's part for the extended protocol: names are followed as they will be once everything was carried out.</summary>
internal sealed class ExtendedGate(RelayState state, TextJudge judge, ReviewHold hold)
{
    /// <returns>False: the message waits.</returns>
    public bool OnParse(in Frame frame)
    {
        Parse parse;
        try
        {
            parse = Parse.Read(frame.Body);
        }
        catch (ProtocolViolationException violation) when (!violation.IsFatal)
        {
            Substitute.WriteParse(state.ToUpstream);
            AddExtended(InFlightKind.Parse).Refusal = Diagnostic.For(violation);
            return true;
        }

        if (!judge.TryJudge(parse.Text, out var judgement))
            return false;
        var refusal = judgement.Refusal;
        if (refusal is null && !parse.Statement.IsEmpty && state.Names.IsFull(state.Session.Services.Options))
            refusal = GatewayRules.TooManyNames;
        else if (refusal is not null && !hold.RecordRefused(judgement, isExtended: true, ParameterList.None))
            refusal = ReviewHold.NotRecorded;
        if (refusal is not null)
        {
            Substitute.WriteParse(state.ToUpstream, parse);
            ref var refused = ref AddExtended(InFlightKind.Parse);
            refused.Refusal = refusal;
            // A failing Parse of the unnamed statement does away with the one before.
            if (parse.Statement.IsEmpty)
                refused.Previous = state.Names.SetPrepared(parse.Statement, null);
            return true;
        }

        if (judgement.ForwardedText is { } text)
            parse.Rewrite(state.ToUpstream, parse.Statement, text);
        else
            state.ToUpstream.WriteBytes(frame.Bytes);
        var prepared = Again(parse, judgement) ?? Prepare(parse, judgement);

        ref var entry = ref AddExtended(InFlightKind.Parse);
        entry.Prepared = prepared;
        entry.Name = parse.Statement.IsEmpty ? null : parse.Statement.ToArray();
        entry.Previous = state.Names.SetPrepared(parse.Statement, prepared);
        if (!parse.Statement.IsEmpty)
            state.Surroundings.OnNamesChanged();
        return true;
    }

    private PreparedStatement Prepare(Parse parse, Judgement judgement)
    {
        var types = parse.ParameterTypeCount == 0 ? [] : new uint[parse.ParameterTypeCount];
        for (var i = 0; i < types.Length; i++)
            types[i] = parse.ParameterType(i);
        return new PreparedStatement(judgement.Text) { Judgement = judgement, JudgedIn = state.Surroundings.Generation, DeclaredTypes = types, ParameterTypes = types };
    }

    /// <summary>The unnamed statement, when the Parse makes the very same of it once more.</summary>
    private PreparedStatement? Again(Parse parse, Judgement judgement) =>
        parse.Statement.IsEmpty && parse.ParameterTypeCount == 0
        && state.Names.FindPrepared([]) is { HasDeclaredTypes: false } last && ReferenceEquals(last.Judgement, judgement) && last.JudgedIn == state.Surroundings.Generation
            ? last
            : null;

    /// <inheritdoc cref="OnParse"/>
    public bool OnBind(in Frame frame)
    {
        Bind bind;
        try
        {
            bind = Bind.Read(frame.Body);
        }
        catch (ProtocolViolationException violation) when (!violation.IsFatal)
        {
            RefuseBind(Diagnostic.For(violation));
            return true;
        }

        if (state.Names.FindPrepared(bind.Statement) is not { } prepared)
        {
            RefuseBind(Diagnostic.Error(
                SqlStates.InvalidSqlStatementName,
                bind.Statement.IsEmpty ? "unnamed prepared statement does not exist" : $"prepared statement \"{System.Text.Encoding.UTF8.GetString(bind.Statement)}\" does not exist"));
            return true;
        }

        if (!bind.Portal.IsEmpty && state.Names.IsFull(state.Session.Services.Options))
        {
            RefuseBind(GatewayRules.TooManyNames);
            return true;
        }

        if (!judge.TryJudge(prepared, out var judgement))
            return false;
        int[] masked = judgement.Statements is [var only] ? only.MaskedParameters : [];
        var portal = state.Names.RentPortal(!bind.Portal.IsEmpty);
        portal.Bind(prepared, bind, frame.Body, masked);
        if (!judge.TryEstimate(ref judgement, portal.Parameters))
            return false;
        if (masked.Length > 0 && WrittenMasks.Check(judgement.Statements[0].Analysis!, portal.Parameters, judgement.Policy) is { } writesMask)
        {
            RefuseBind(hold.RecordRefused(judgement.With(judgement.Decision, writesMask), isExtended: true, portal.Parameters) ? writesMask : ReviewHold.NotRecorded);
            return true;
        }

        if (!judgement.IsAllowed)
        {
            // Held or refused here already: planning a Bind may run functions.
            switch (hold.Pass(judgement, isExtended: true, portal.Parameters, portal.ExactParameters(), frame.Body, out var first, out var refusal))
            {
                case Passage.Wait:
                    return false;
                case Passage.Refuse:
                    RefuseBind(refusal!);
                    return true;
            }

            portal.ApprovedDigest = judgement.Decision.Digest;
            portal.ApprovedRows = hold.ApprovedRows;
            portal.ShownRows = hold.ShownRows;
            portal.RecordedStatement = first;
        }

        state.ToUpstream.WriteBytes(frame.Bytes);
        state.HasUnsyncedWork = true;
        portal.References++;
        portal.Run = state.InFlight.Run;
        ref var entry = ref AddExtended(InFlightKind.Bind);
        entry.Portal = portal;
        entry.Name = bind.Portal.IsEmpty ? null : bind.Portal.ToArray();
        entry.Previous = state.Names.SetPortal(bind.Portal, portal);
        return true;
    }

    private void RefuseBind(Diagnostic refusal)
    {
        Substitute.WriteBind(state.ToUpstream);
        AddExtended(InFlightKind.Bind).Refusal = refusal;
    }

    // Also in place of a Close: closing what is not there is no error, so a Close could not be made to fail.
    public void RefuseDescribe(Diagnostic refusal)
    {
        Substitute.WriteDescribe(state.ToUpstream);
        AddExtended(InFlightKind.Describe).Refusal = refusal;
    }

    public void OnDescribe(in Frame frame)
    {
        Describe describe;
        try
        {
            describe = Describe.Read(frame.Body);
        }
        catch (ProtocolViolationException violation) when (!violation.IsFatal)
        {
            RefuseDescribe(Diagnostic.For(violation));
            return;
        }

        state.ToUpstream.WriteBytes(frame.Bytes);
        ref var entry = ref AddExtended(InFlightKind.Describe);
        entry.Target = describe.Target;
        if (describe.Target == TargetKind.Statement)
        {
            entry.Prepared = state.Names.FindPrepared(describe.Name);
        }
        else if (state.Names.FindPortal(describe.Name) is { } portal)
        {
            entry.Portal = portal;
            portal.References++;
            portal.IsDescribing = true;
        }
    }

    /// <inheritdoc cref="OnParse"/>
    public bool OnExecute(in Frame frame)
    {
        Execute execute;
        try
        {
            execute = Execute.Read(frame.Body);
        }
        catch (ProtocolViolationException violation) when (!violation.IsFatal)
        {
            RefuseExecute(Diagnostic.For(violation));
            return true;
        }

        if (state.Names.FindPortal(execute.Portal) is not { } portal)
        {
            RefuseExecute(Diagnostic.Error(SqlStates.InvalidCursorName, $"portal \"{System.Text.Encoding.UTF8.GetString(execute.Portal)}\" does not exist"));
            return true;
        }

        if (!judge.TryJudge(portal.Statement, out var judgement) || !judge.TryEstimate(ref judgement, portal.Parameters))
            return false;
        long first;
        var isApproved = judgement.IsReview && !portal.ApprovedDigest.IsEmpty && portal.ApprovedDigest.Span.SequenceEqual(judgement.Decision.Digest.Span);
        if (isApproved && portal.RecordedStatement > 0)
        {
            first = portal.RecordedStatement;
            portal.RecordedStatement = 0;
        }
        else
        {
            switch (hold.Pass(judgement, isExtended: true, portal.Parameters, judgement.IsAllowed ? [] : portal.ExactParameters(), [], out first, out var refusal, isApproved))
            {
                case Passage.Wait:
                    return false;
                case Passage.Refuse:
                    RefuseExecute(refusal!);
                    return true;
            }
        }

        var approvedRows = isApproved ? portal.ApprovedRows : hold.ApprovedRows;
        var shownRows = isApproved ? portal.ShownRows : hold.ShownRows;
        if (shownRows is not null)
            judgement = judgement.Counted();
        if (NeedsDescription(judgement, portal))
            DescribeUnasked(execute.Portal, portal);
        var budget = judgement.IsGuarded ? state.Guard.BeforeExecute(judgement, portal, approvedRows, shownRows) : null;
        if (BudgetGuard.Limit(budget, execute.MaxRows, execute.Portal) is var limit && limit != execute.MaxRows)
            Execute.Write(state.ToUpstream, execute.Portal, limit);
        else
            state.ToUpstream.WriteBytes(frame.Bytes);
        ref var entry = ref AddExtended(InFlightKind.Execute);
        state.Fill(ref entry, judgement);
        entry.Portal = portal;
        entry.FirstStatement = first;
        entry.Budget = budget;
        portal.References++;
        if (judgement.IsGuarded)
            state.Guard.AfterExecute();
        return true;
    }

    private void RefuseExecute(Diagnostic refusal)
    {
        Substitute.WriteExecute(state.ToUpstream);
        AddExtended(InFlightKind.Execute).Refusal = refusal;
    }

    /// <summary>Rows are coming that must be looked into, and nothing current says what their columns are.</summary>
    private bool NeedsDescription(Judgement judgement, Portal portal)
    {
        if (!judgement.NeedsAnswerPlan || portal.Description is not null || portal.IsDescribing)
            return false;
        if (judgement.Statements is [{ Analysis: { IsLineageProvable: true, ResultColumns.IsDefault: true } }])
            return false;
        return portal.Statement.Description is null || portal.Statement.DescribedIn != state.Surroundings.Generation;
    }

    private void DescribeUnasked(ReadOnlySpan<byte> name, Portal portal)
    {
        Describe.Write(state.ToUpstream, TargetKind.Portal, name);
        ref var entry = ref AddExtended(InFlightKind.Describe);
        entry.Purpose = InFlightPurpose.Description;
        entry.Target = TargetKind.Portal;
        entry.Portal = portal;
        portal.References++;
        portal.IsDescribing = true;
    }

    public void OnClose(in Frame frame)
    {
        Close close;
        try
        {
            close = Close.Read(frame.Body);
        }
        catch (ProtocolViolationException violation) when (!violation.IsFatal)
        {
            RefuseDescribe(Diagnostic.For(violation));
            return;
        }

        state.ToUpstream.WriteBytes(frame.Bytes);
        ref var entry = ref AddExtended(InFlightKind.Close);
        entry.Target = close.Target;
        entry.Name = close.Name.IsEmpty ? null : close.Name.ToArray();
        if (close.Target == TargetKind.Statement)
        {
            entry.Previous = state.Names.SetPrepared(close.Name, null);
            if (!close.Name.IsEmpty && entry.Previous is not null)
                state.Surroundings.OnNamesChanged();
        }
        else
        {
            entry.Previous = state.Names.SetPortal(close.Name, null);
        }
    }

    private ref InFlight AddExtended(InFlightKind kind)
    {
        state.HasUnsynced = true;
        state.HasUnflushed = true;
        return ref state.InFlight.Add(kind);
    }
}
