using System.Collections.Immutable;
using Weir.Policy.Access;
using Weir.Policy.Analysis;
using Weir.Protocol.Postgres;
using Weir.Protocol.Postgres.Backend;

namespace Weir.Agent.Sessions.Statements;

/// <summary>What the gateway itself insists on, whatever the policy says: without it the inspection would read another text than the server.</summary>
internal static class GatewayRules
{
    /// <summary>A session has as many named statements, portals and cursors as it may, or they take up as much memory.</summary>
    public static Diagnostic TooManyNames { get; } = Diagnostic.Error(SqlStates.ConfigurationLimitExceeded, "weir: too many prepared statements in this session") with
    {
        Hint = "Close or deallocate some. The agent limits their number and their bytes (WEIR_AGENT_MAX_PREPARED_STATEMENTS, WEIR_AGENT_MAX_PREPARED_BYTES).",
    };

    /// <summary>A statement gives a name to a statement or cursor.</summary>
    public static bool GivesName(StatementAnalysis statement) => statement.Command is "PREPARE" or "DECLARE CURSOR";

    /// <summary>Null when nothing of a text stands against the gateway's own rules.</summary>
    public static Diagnostic? Check(ScriptAnalysis script, AccessLevel level)
    {
        for (var i = 0; i < script.Statements.Length; i++)
        {
            var statement = script.Statements[i];
            foreach (var change in statement.Settings)
            {
                if (Check(change, statement, level) is { } refusal)
                    return refusal;
                if (i + 1 < script.Statements.Length && ChangesNames(change.Name))
                {
                    return Unsupported("a text can't change what its later statements mean") with
                    {
                        Hint = $"Send the change of {(change.Name.Length == 0 ? "settings" : change.Name)} alone, then the rest.",
                    };
                }
            }
        }

        return null;
    }

    /// <summary>
    /// A text is analysed under one state of things. Where an earlier statement of it makes or changes objects, what a later one answers can't be proved.
    /// </summary>
    public static ScriptAnalysis WithoutFalseProof(ScriptAnalysis script)
    {
        var changed = false;
        ImmutableArray<StatementAnalysis>.Builder? statements = null;
        for (var i = 0; i < script.Statements.Length; i++)
        {
            if (changed && MayAnswer(script.Statements[i]))
            {
                statements ??= script.Statements.ToBuilder();
                statements[i] = script.Statements[i] with { IsLineageProvable = false };
            }

            changed |= script.Statements[i].ChangesCatalog || script.Statements[i].ChangesTemporaryObjects || (script.Statements[i].Effects & Effects.Dynamic) != 0;
        }

        return statements is null ? script : script with { Statements = statements.ToImmutable() };
    }

    private static bool MayAnswer(StatementAnalysis statement) =>
        (!statement.ResultColumns.IsDefault && !statement.ResultColumns.All(c => c.IsProvable && c.Sources.IsEmpty)) || (statement.Effects & (Effects.CopyOut | Effects.Dynamic | Effects.Call | Effects.Unknown)) != 0 || statement.Command is "EXECUTE" or "FETCH" or "EXPLAIN";

    /// <summary>The server's own error for an EXECUTE of what the session has not prepared: what it does is not known, so that it can't be let through to fail there.</summary>
    public static Diagnostic? Missing(ScriptAnalysis script) =>
        script.Statements is [{ Command: "EXECUTE", Inner: null, PreparedName: { } name }]
            ? Diagnostic.Error(SqlStates.InvalidSqlStatementName, $"prepared statement \"{name}\" does not exist")
            : null;

    /// <summary>Carrying the statement out may change what names mean to later ones.</summary>
    public static bool IsMover(StatementAnalysis statement)
    {
        if (statement.ChangesCatalog || statement.ChangesTemporaryObjects || (statement.Effects & (Effects.Call | Effects.Dynamic)) != 0)
            return true;
        if (statement.PreparedName is not null && statement.Command is "PREPARE" or "DEALLOCATE" or "DEALLOCATE ALL")
            return true;
        if (statement.CursorName is not null && statement.Command is not ("FETCH" or "MOVE"))
            return true;
        if (statement.Command.StartsWith("DISCARD", StringComparison.Ordinal))
            return true;
        foreach (var change in statement.Settings)
        {
            if (ChangesNames(change.Name))
                return true;
        }

        return false;
    }

    /// <summary>Carrying the statement out ends the transaction, or undoes a part of it.</summary>
    public static bool EndsTransaction(StatementAnalysis statement) => statement.Transaction is
        TransactionAction.Commit or TransactionAction.CommitAndChain or TransactionAction.Rollback or TransactionAction.RollbackAndChain or TransactionAction.RollbackToSavepoint
        or TransactionAction.TwoPhase;

    private static Diagnostic? Check(SettingChange change, StatementAnalysis statement, AccessLevel level)
    {
        switch (change.Name)
        {
            case "":
                return Unsupported("a setting whose name isn't known beforehand can't be changed") with { Hint = "Write the name of the setting as a constant." };
            case "client_encoding" when change.Value is not null && !ClientEncoding.IsSafe(change.Value):
                return Unsupported($"client encoding \"{change.Value}\" is not supported");
            case "client_encoding" when change.Value is null && statement.Command is not ("RESET" or "SET"):
                return Unsupported("a client encoding that isn't known beforehand is not supported");
            case "standard_conforming_strings" when change.Value is { } value && value.ToLowerInvariant() is not ("on" or "true" or "yes" or "1" or "t" or "y"):
                return Unsupported("standard_conforming_strings must be on");
            case "standard_conforming_strings" when change.Value is null && statement.Command is not ("RESET" or "SET"):
                return Unsupported("standard_conforming_strings must be on");
            case "application_name" when statement.Command is not ("SET" or "RESET"):
                return Unsupported("application_name can't be changed by a function");
            case "transaction_read_only" or "default_transaction_read_only" when level == AccessLevel.Read && !IsOn(change.Value):
                return Diagnostic.Error(SqlStates.InsufficientPrivilege, "weir: denied by access level \"read\": transactions stay read-only") with
                {
                    Hint = "Request write access to this connection.",
                };
            default:
                return null;
        }
    }

    private static bool IsOn(string? value) => value?.ToLowerInvariant() is "on" or "true" or "yes" or "1" or "t" or "y";

    private static bool ChangesNames(string setting) => setting is "" or "*" or "search_path" or "role" or "session_authorization" or "client_encoding";

    private static Diagnostic Unsupported(string what) => Diagnostic.Error(SqlStates.FeatureNotSupported, "weir: " + what);
}
