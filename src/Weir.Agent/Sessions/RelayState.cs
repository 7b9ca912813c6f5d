using Weir.Agent.Recording;
using Weir.Agent.Sessions.Budgets;
using Weir.Agent.Sessions.Holds;
using Weir.Agent.Sessions.Judging;
using Weir.Agent.Sessions.Startup;
using Weir.Agent.Sessions.Statements;
using Weir.Protocol.Postgres;
using Weir.Protocol.Postgres.Backend;
using Weir.Protocol.Postgres.Framing;
using Weir.Protocol.Postgres.Frontend;

namespace Weir.Agent.Sessions;

/// <summary>What both directions of a relaying session share.</summary>
internal sealed class RelayState
{
    public RelayState(PostgresSession session, RelayStart start)
    {
        Session = session;
        // What the server said of itself is read below, once.
        Start = start with { Parameters = [] };
        Names = new SessionNames();
        Guard = new BudgetGuard(this);
        DryRun = new SessionDryRun(this);
        Surroundings = new Surroundings(session.Services, start, Names);
        Pinned = StartupSettings.ApplicationName(start.Identity.Principal, session.Id);
        foreach (var (name, value) in start.Parameters)
            OnParameter(name, value);
    }

    private MessageWriter? _interjected;

    public PostgresSession Session { get; }

    public RelayStart Start { get; }

    public SessionNames Names { get; }

    public Surroundings Surroundings { get; }

    /// <summary>application_name at the database.</summary>
    public string Pinned { get; }

    public ProtocolLimits SendLimits => Session.Services.SendLimits;

    public InFlightQueue InFlight { get; } = new();

    /// <summary>What the session has used of its budgets.</summary>
    public BudgetMeter Budgets { get; } = new();

    /// <summary>Statements that count against budgets, while they run.</summary>
    public BudgetGuard Guard { get; }

    /// <summary>Tries held statements.</summary>
    public SessionDryRun DryRun { get; }

    public ISessionRecording Recording => Session.Recording!;

    public MessageWriter ToClient => Session.ToClient;

    /// <summary>For what is said to the client out of turn: comes behind the message that is being streamed, if there is one.</summary>
    public MessageWriter Interjection => Session.IsInsideClientMessage ? _interjected ??= new(256) : Session.ToClient;

    public MessageWriter ToUpstream => Session.ToUpstream;

    /// <summary>How many times the server has been ready for the next round.</summary>
    public long Rounds { get; private set; }

    /// <summary>As the last ReadyForQuery said.</summary>
    public TransactionStatus Status { get; set; } = TransactionStatus.Idle;

    /// <summary>The failed transaction of <see cref="Status"/> was left since (a ROLLBACK in the run that is not synced).</summary>
    public bool LeftFailedBlock { get; set; }

    /// <summary>The server ignores everything until the next Sync, which the client has not sent yet.</summary>
    public bool SkipsUntilSync { get; set; }

    /// <summary>The statement in front waits for COPY data from the client.</summary>
    public bool IsCopyIn { get; set; }

    /// <summary>Statements in flight that may change what names mean.</summary>
    public int Movers { get; set; }

    /// <summary>Statements in flight that may turn into a COPY FROM STDIN.</summary>
    public int PendingCopies { get; private set; }

    /// <summary>Looks into the rows of the COPY FROM STDIN that runs; null when nothing has to.</summary>
    public CopyInCheck? CopyCheck { get; private set; }

    /// <summary>The COPY FROM STDIN was made to fail; what the client still sends of it is dropped until the server has said so.</summary>
    public bool DropsCopyData { get; set; }

    /// <summary>Extended messages were sent that no Sync or Flush has followed.</summary>
    public bool HasUnflushed { get; set; }

    /// <summary>Extended messages were sent that no Sync has followed.</summary>
    public bool HasUnsynced { get; set; }

    /// <summary>A Bind or Execute was sent that no Sync has followed: outside of a transaction, the server has begun one for it.</summary>
    public bool HasUnsyncedWork { get; set; }

    /// <summary>A transaction block of the client is certainly open, in the midst of a run too.</summary>
    public bool IsInBlock { get; private set; }

    /// <summary>No answer is outstanding.</summary>
    public bool IsQuiet
    {
        get
        {
            for (var i = 0; i < InFlight.Count; i++)
            {
                if (InFlight[i].Kind != InFlightKind.CopyEnd)
                    return false;
            }

            return true;
        }
    }

    private bool _awaitsQuiet;

    /// <summary>Number of the last recorded statement.</summary>
    public long LastStatement { get; set; }

    /// <summary>The server said farewell itself.</summary>
    public bool SawFatal { get; set; }

    /// <summary>Why the present settings of the session make texts unreadable for the inspection; null when they don't.</summary>
    public string? UnsafeSetting { get; private set; }

    public Diagnostic? UnsafeRefusal => UnsafeSetting is null ? null : Diagnostic.Error(SqlStates.FeatureNotSupported, "weir: " + UnsafeSetting);

    /// <summary>Name of the client encoding.</summary>
    public string ClientEncodingName { get; private set; } = "UTF8";

    /// <inheritdoc cref="ClientEncoding.IsUtf8"/>
    public bool IsUtf8 { get; private set; } = true;

    public bool IsInFailedBlock => Status == TransactionStatus.Failed && !LeftFailedBlock;

    /// <summary>Judgement of a Query that was answered: nothing but its entry referred to it, so the next text of its shape can have it.</summary>
    public Judgement? Spare { get; set; }

    /// <summary>Called when a statement begins to wait for people.</summary>
    public Action? OnHold { get; set; }

    /// <summary>Reading was stopped by the number of messages in flight alone.</summary>
    public bool IsFull { get; set; }

    /// <summary>Notes in an entry what is carried out by it.</summary>
    public void Fill(ref InFlight entry, Judgement judgement)
    {
        entry.Judgement = judgement;
        entry.StartedAt = Session.Services.Time.GetTimestamp();
        if (judgement.IsMover || (judgement.EndsTransaction && Surroundings.MovedInTransaction))
        {
            entry.IsMover = true;
            Movers++;
        }

        CountCopy(judgement);
    }

    /// <summary>Notes that a statement was sent that may turn into a COPY FROM STDIN.</summary>
    public void CountCopy(Judgement judgement)
    {
        if (judgement.MayCopyIn)
            PendingCopies++;
    }

    /// <summary>Takes the message off the queue whose answer is complete, or will never come.</summary>
    public void RemoveHead()
    {
        ref var head = ref InFlight.Head;
        if (head.Portal is { } portal)
            portal.References--;
        if (head.Judgement is { MayCopyIn: true } && head.Kind is InFlightKind.Query or InFlightKind.Execute)
            EndCopy();
        if (head is { Kind: InFlightKind.Query, Purpose: InFlightPurpose.Client, Judgement: { IsForOneText: true, IsAllowed: true, IsGuarded: false } done } && done.Decision.EstimateOver.IsDefaultOrEmpty)
            Spare = done;
        var isMover = head.IsMover;
        InFlight.RemoveHead();
        if (isMover && --Movers == 0)
            Resume();
        if (_awaitsQuiet && IsQuiet)
        {
            _awaitsQuiet = false;
            Resume();
        }
    }

    /// <summary>Waits until all that was sent is answered.</summary>
    /// <returns>False: the message in front waits.</returns>
    public bool TryBeQuiet()
    {
        if (IsQuiet)
            return true;
        _awaitsQuiet = true;
        Flush();
        Park();
        return false;
    }

    private void EndCopy()
    {
        if (--PendingCopies == 0)
            Resume();
    }

    /// <summary>Takes marks off the front of the queue, which have no answer of their own.</summary>
    /// <exception cref="ProtocolViolationException">Nothing waits for an answer.</exception>
    public void SkipMarkers()
    {
        while (InFlight.Count > 0 && InFlight.Head.Kind == InFlightKind.CopyEnd)
            InFlight.RemoveHead();
        if (InFlight.Count == 0)
            throw new ProtocolViolationException("answer without a question");
    }

    public void Ready(TransactionStatus status)
    {
        Status = status;
        IsInBlock = status == TransactionStatus.InTransaction;
        LeftFailedBlock = false;
        Rounds++;
    }

    /// <summary>A statement was carried out.</summary>
    public void OnTag(ReadOnlySpan<byte> tag)
    {
        if (tag.SequenceEqual("BEGIN"u8) || tag.SequenceEqual("START TRANSACTION"u8))
            IsInBlock = true;
        else if (tag.SequenceEqual("ROLLBACK"u8) || tag.SequenceEqual("COMMIT"u8) || tag.SequenceEqual("PREPARE TRANSACTION"u8))
            IsInBlock = false;
    }

    /// <summary>The statement in front takes COPY data from the client now.</summary>
    public void BeginCopyIn()
    {
        // Syncs that were sent behind it are swallowed by the COPY; an end that was sent in advance ends it.
        for (var i = 1; i < InFlight.Count;)
        {
            switch (InFlight[i].Kind)
            {
                case InFlightKind.Sync:
                    InFlight.RemoveAt(i);
                    HasUnsynced = true;
                    continue;
                case InFlightKind.CopyEnd:
                    InFlight.RemoveAt(i);
                    return;
                default:
                    // The server closes the connection over it.
                    return;
            }
        }

        ref var head = ref InFlight.Head;
        CopyCheck = head.Judgement is { ChecksCopyIn: true } judgement && head.Done < judgement.Statements.Length && judgement.Statements[head.Done].Analysis is { } statement
            ? CopyInCheck.Create(statement, judgement.Policy)
            : null;
        IsCopyIn = true;
        Resume();
    }

    /// <summary>Has the server undo the COPY FROM STDIN that runs; the client is told why in the place of the server's error.</summary>
    public void FailCopyIn(Diagnostic refusal)
    {
        InFlight.Head.Failure = refusal;
        IsCopyIn = false;
        DropsCopyData = true;
        CopyFail.Write(ToUpstream, "weir"u8);
    }

    /// <summary>Answers under way are masked by the catalog that their statements were judged with; without any, a newer one takes its place.</summary>
    public void LetGo()
    {
        if (InFlight.Count == 0)
            Surroundings.Refresh();
    }

    public void Park() => Session.ReadsClient = false;

    /// <summary>The message that waits is looked at again.</summary>
    public void Resume() => Session.ReadsClient = true;

    /// <summary>Has the shared catalog read again; the session's own DDL is in it then.</summary>
    public void RefreshCatalog()
    {
        var driver = Session.Driver;
        // An answer that was asked for before the last change knows nothing of it.
        var changes = Surroundings.CatalogChanges;
        Start.Catalog.Refresh(failure => driver.Post(session =>
        {
            if (session.IsOver)
                return;
            if (failure is null && changes == Surroundings.CatalogChanges)
                Surroundings.OnCatalogFresh();
            Resume();
        }));
    }

    /// <summary>The message that was streamed to the client is complete.</summary>
    public void EndClientMessage()
    {
        Session.IsInsideClientMessage = false;
        if (_interjected is null)
            return;
        ToClient.WriteBytes(_interjected.Written);
        _interjected.Clear();
    }

    /// <summary>Makes the server answer what it has got so far.</summary>
    public void Flush()
    {
        if (!HasUnflushed)
            return;
        FlushNow();
    }

    public void FlushNow()
    {
        HasUnflushed = false;
        Weir.Protocol.Postgres.Frontend.Flush.Write(ToUpstream);
    }

    /// <summary>Follows the settings that the inspection depends on.</summary>
    public void OnParameter(string name, string value)
    {
        switch (name)
        {
            case "client_encoding":
                ClientEncodingName = value;
                IsUtf8 = ClientEncoding.IsUtf8(value);
                UnsafeSetting = ClientEncoding.IsSafe(value) ? null : $"client encoding \"{value}\" is not supported";
                break;
            case "standard_conforming_strings":
                UnsafeSetting = value == "on" ? null : "standard_conforming_strings must be on";
                break;
            case "search_path":
                Surroundings.OnSearchPathReported(value);
                break;
        }
    }
}
