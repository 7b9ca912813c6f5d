using Microsoft.Extensions.Logging;
using Weir.Agent.Catalog;
using Weir.Agent.Policies;
using Weir.Agent.Recording;
using Weir.Agent.Reviews;
using Weir.Agent.Sessions.Judging;
using Weir.Agent.Upstream;
using Weir.Protocol.Postgres;
using Weir.Sql.Analysis;

namespace Weir.Agent.Sessions;

/// <summary>What sessions need of the rest of the agent; built once in Program.</summary>
internal sealed record AgentServices(
    PolicyHolder Policies,
    ICredentialDirectory Credentials,
    IRecorder Recorder,
    IReviewDesk Reviews,
    UpstreamRoles Roles,
    SessionRegistry Sessions,
    SessionOptions Options,
    TimeProvider Time,
    StatementAnalyzer Analyzer,
    CatalogSources Catalogs,
    UpstreamConnector Connector,
    ILogger Log)
{
    /// <summary>Verdicts that were worked out once, for all sessions.</summary>
    public JudgementCaches Judgements { get; } = new(Options.MaxJudgementBytes);

    /// <summary>Comparisons with masked values, counted over all sessions.</summary>
    public GuessLimiter Guesses { get; } = new(Time);

    /// <summary>What clients may send, by the type of the message.</summary>
    public ProtocolLimits SendLimits { get; } = new(maxStatementMessage: Options.MaxStatementMessage, maxCopyData: Options.MaxStatementMessage);

    /// <summary>Lets go of what was worked out from catalogs that have been replaced. Called once.</summary>
    public void FollowCatalogs() => Catalogs.Replaced += replaced =>
    {
        Judgements.Forget(replaced);
        Sessions.OnCatalogReplaced();
    };
}
