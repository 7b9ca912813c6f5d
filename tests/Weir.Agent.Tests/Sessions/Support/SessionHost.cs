using System.Net;
using System.Security.Cryptography;
using System.Text;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Logging;
using Npgsql;
using Weir.Agent.Catalog;
using Weir.Agent.Configuration;
using Weir.Agent.Net;
using Weir.Agent.Policies;
using Weir.Agent.Recording;
using Weir.Agent.Reviews;
using Weir.Agent.Sessions;
using Weir.Agent.Tests.Recording;
using Weir.Agent.Upstream;
using Weir.Contracts.Agent.V1;
using Weir.Contracts.Mapping;
using Weir.Policy.Documents;
using Weir.Protocol.Postgres.Scram;
using Weir.Sql.Analysis;
using Weir.Sql.Parsing;
using Weir.Testing;
using Weir.Testing.Postgres;

namespace Weir.Agent.Tests.Sessions.Support;

/// <summary>An agent's whole data path in this process: listener, sessions, spool, reviews, catalog. What a control plane would do, the test does.</summary>
internal sealed class SessionHost : IAsyncDisposable
{
    public const string Credential = "cred_ada";
    public const string Secret = "s3cret-of-ada";
    public const long SpoolBytes = 16L * 1024 * 1024;

    /// <summary>All tests can be run over the other driver too: WEIR_TEST_DRIVER=stream.</summary>
    private static readonly bool UseLoops = Environment.GetEnvironmentVariable("WEIR_TEST_DRIVER") != "stream";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static int _hosts;

    private readonly TemporaryDirectory _directory = new();
    private readonly DataDirectory _data;
    private readonly PostgresParser _parser;
    private readonly UpstreamConnector _connector = new();
    private readonly SpoolFlusher _flusher;
    private readonly CatalogSources _catalogs;
    private readonly CancellationTokenSource _stop = new();
    private readonly PolicyDocument _connection;
    private Task _serving = Task.CompletedTask;
    private long _policyVersion;
    private long _credentialSequence;

    private SessionHost(SampleServer server, PostgresServer postgres, SessionOptions options, TestCertificate? certificate, string? upstreamUser, string? upstreamPassword, int? upstreamPort, string upstreamTls, ParserLimits? parser, (string User, string Password)? readOnly, string? upstream)
    {
        Server = server;
        _parser = new PostgresParser(parser ?? new ParserLimits { MaxTextBytes = options.MaxStatementText });
        _data = _directory.OpenData();
        var key = new byte[32];
        var role = readOnly is { } other ? $$""","readOnly":{"user":"{{other.User}}","password":{"stored":{} } }""" : "";
        upstream ??= $$"""{"host":"127.0.0.1","port":{{upstreamPort ?? postgres.Port}},"database":"orders","tls":"{{upstreamTls}}","user":"{{upstreamUser ?? SampleServer.Owner}}","password":{"stored":{} }{{role}} }""";
        var spec = $$"""{"protocol":"postgres","agents":{"names":["test"]},"upstream":{{upstream}} }""";
        DocumentReader.TryRead("Connection", "orders", [], Encoding.UTF8.GetBytes(spec), out var connection, out var faults).ShouldBeTrue(string.Join("; ", faults));
        _connection = connection!;
        Policies = new PolicyHolder(TimeProvider.System);
        Credentials = new CredentialDirectory(new SealedFile(_data, "credentials", key), RandomNumberGenerator.GetBytes(32));
        Spool = Spool.Open(_data.PathOf("spool"), SpoolBytes);
        _flusher = new SpoolFlusher(Spool, SpoolDurability.Group);
        var recorder = new Recorder(Spool, SpoolDurability.Group, Policies, Guid.NewGuid(), Guid.NewGuid(), TimeProvider.System);
        Reviews = new ReviewDesk(key, Policies, new ReviewFile(new SealedLog(_data, "reviews", key)), Link, TimeProvider.System, Log);
        var secrets = new StoredSecrets();
        secrets.Replace([new("orders", new StoredSecret { Password = upstreamPassword ?? server.Password, ReadOnlyPassword = readOnly?.Password ?? "" })]);
        StoredSecrets = secrets;
        var roles = new UpstreamRoles(new SecretResolver(secrets, _ => null));
        _catalogs = new CatalogSources(roles, _connector, options, TimeProvider.System, Log);
        Services = new AgentServices(
            Policies, Credentials, recorder, Reviews, roles, Sessions, options, TimeProvider.System, new StatementAnalyzer(_parser), _catalogs, _connector, Log);
        Services.FollowCatalogs();
        Listener = new PostgresListener(Services, [new IPEndPoint(IPAddress.Loopback, 0)], () => certificate?.Listener);
        Policies.Changed += Sessions.RecheckAll;
        Credentials.Changed += Sessions.RecheckAll;
    }

    public SampleServer Server { get; }

    /// <summary>Name of the principal: other hosts have others, so that the database can tell their sessions apart.</summary>
    public string Principal { get; } = $"ada{Interlocked.Increment(ref _hosts)}@example.com";

    /// <summary>What the control plane keeps for the connections.</summary>
    public StoredSecrets StoredSecrets { get; }

    public PolicyHolder Policies { get; }

    public CredentialDirectory Credentials { get; }

    public ReviewDesk Reviews { get; }

    public Spool Spool { get; }

    public SessionRegistry Sessions { get; } = new();

    public SentMessages Link { get; } = new();

    public ListLogger Log { get; } = new();

    public AgentServices Services { get; }

    public PostgresParser Parser => _parser;

    public PostgresListener Listener { get; }

    public int Port => ((IPEndPoint)Listener.LocalEndPoints[0]).Port;

    /// <summary>libpq's URL with the right credential.</summary>
    public string Url => UrlOf(Credential, Secret);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static async Task<SessionHost> StartAsync(
        SampleServer server, TestPolicy? policy = null, SessionOptions? options = null, TestCertificate? certificate = null, string? upstreamUser = null, string? upstreamPassword = null, int? upstreamPort = null, string upstreamTls = "disable", ParserLimits? parser = null, (string User, string Password)? readOnly = null, string? upstream = null)
    {
        var host = new SessionHost(server, await server.ServerAsync(), options ?? new SessionOptions { UseLoops = UseLoops }, certificate, upstreamUser, upstreamPassword, upstreamPort, upstreamTls, parser, readOnly, upstream);
        host.Policies.Heard();
        host.Use(policy ?? TestPolicy.Sample());
        host.Give(host.CredentialOf(Credential, Secret));
        host.Listener.Bind();
        host._serving = host.Listener.RunAsync(host._stop.Token);
        return host;
    }

    public string UrlOf(string user, string password, string database = "orders", string parameters = "") =>
        $"postgresql://{user}:{password}@127.0.0.1:{Port}/{Uri.EscapeDataString(database)}{(parameters.Length > 0 ? "?" + parameters : "")}";

    public string ConnectionString(string user = Credential, string password = Secret) =>
        new NpgsqlConnectionStringBuilder
        {
            Host = "127.0.0.1",
            Port = Port,
            Database = "orders",
            Username = user,
            Password = password,
            Pooling = false,
            IncludeErrorDetail = true,
            Timeout = 15,
        }.ConnectionString;

    public async Task<NpgsqlConnection> OpenAsync(string? extra = null)
    {
        var connection = new NpgsqlConnection(ConnectionString() + (extra is null ? "" : ";" + extra));
        await connection.OpenAsync(Cancel);
        return connection;
    }

    public async Task<RawClient> OpenRawAsync(string user = Credential, string password = Secret)
    {
        var client = await RawClient.ConnectAsync("127.0.0.1", Port);
        await client.LogInAsync(user, password, "orders");
        return client;
    }

    /// <summary>Puts another policy into force.</summary>
    public void Use(TestPolicy policy) => Policies.Apply(policy.Compile(++_policyVersion, _connection));

    public Credential CredentialOf(string id, string secret, DateTimeOffset? expiresAt = null, string group = "engineers", PrincipalKind kind = PrincipalKind.User)
    {
        var credential = new Credential
        {
            Id = id,
            Principal = new PrincipalInfo
            {
                Id = ContractMapping.ToBytes(new Guid(SHA256.HashData(Encoding.UTF8.GetBytes(id)).AsSpan(0, 16))),
                Name = Principal,
                Kind = kind,
                Groups = { group },
            },
            ScramVerifier = ScramVerifier.Create(secret, RandomNumberGenerator.GetBytes(16)).Format(),
        };
        if (expiresAt is { } at)
            credential.ExpiresAt = Timestamp.FromDateTimeOffset(at);
        return credential;
    }

    public void Give(params Credential[] credentials) =>
        Credentials.Apply(new CredentialsDelta { Sequence = ++_credentialSequence, IsFull = _credentialSequence == 1, Credentials = { credentials } }).ShouldBeTrue();

    public void Revoke(string id) =>
        Credentials.Apply(new CredentialsDelta { Sequence = ++_credentialSequence, RemovedCredentialIds = { id } }).ShouldBeTrue();

    /// <summary>Decides about a review as people would.</summary>
    public void Decide(ReviewRequest request, ReviewStatus status, string comment = "", string by = "grace", long? rows = null)
    {
        var update = new ReviewUpdate
        {
            ReviewId = request.ReviewId,
            Status = status,
            Comment = comment,
            DecidedBy = by,
            Binding = request.Binding,
            ExpiresAt = Timestamp.FromDateTimeOffset(DateTimeOffset.UtcNow.AddMinutes(10)),
        };
        if (rows is { } approved)
            update.ApprovedRows = approved;
        Reviews.OnUpdates([update]);
    }

    /// <summary>Everything recorded so far, each event in full.</summary>
    public List<SessionEvent> Events()
    {
        Spool.Flush().ShouldBeTrue();
        using var reader = new SpoolReader(Spool);
        var events = new List<SessionEvent>();
        while (reader.Read(64 * 1024) is { } batch)
            events.AddRange(batch.Events.Select(SessionEvent.Parser.ParseFrom));
        return CompleteEvents.Of(events);
    }

    /// <summary>Recorded statements with their ends, in order; waits until none is open.</summary>
    public async Task<List<(StatementReceived Statement, StatementFinished Finished)>> StatementsAsync() =>
        await Eventually.GetAsync(
            () =>
            {
                var events = Events();
                var pairs = new List<(StatementReceived, StatementFinished)>();
                foreach (var e in events.Where(e => e.BodyCase == SessionEvent.BodyOneofCase.Statement))
                {
                    var end = events.SingleOrDefault(f => f.BodyCase == SessionEvent.BodyOneofCase.Finished && f.SessionId == e.SessionId && f.Finished.Statement == e.Statement.Statement);
                    if (end is null)
                        return Task.FromResult<List<(StatementReceived, StatementFinished)>?>(null);
                    pairs.Add((e.Statement, end.Finished));
                }

                return Task.FromResult<List<(StatementReceived, StatementFinished)>?>(pairs);
            },
            Patience,
            "every statement has an end",
            Cancel);

    /// <summary>Waits until no session is left, here and at the database.</summary>
    public async Task NoSessionsAsync()
    {
        await Eventually.HoldsAsync(() => Task.FromResult(Sessions.Count == 0), Patience, "all sessions are gone", Cancel);
        await Eventually.HoldsAsync(
            async () => await Server.AskAsync($"SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'weir:{Principal}/%'") == "0", Patience, "no upstream session is left", Cancel);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Listener.DisposeAsync();
        await _serving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _catalogs.DisposeAsync();
        await _connector.WhenIdleAsync();
        _flusher.Dispose();
        Spool.Dispose();
        _parser.Dispose();
        _data.Dispose();
        _directory.Dispose();
        _stop.Dispose();
        // A defect that ended a session must not pass unseen because the test looked elsewhere.
        Log.Errors.ShouldBeEmpty();
    }
}
