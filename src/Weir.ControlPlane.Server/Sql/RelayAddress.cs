using System.Net;
using Npgsql;

namespace Weir.ControlPlane.Server.Sql;

/// <summary>How this process reaches its own relay: over TLS, with its own authority as the only trusted one.</summary>
internal sealed record RelayAddress(IPEndPoint Endpoint, string CaFile)
{
    /// <summary>A source without type loading: values are read as text, and the queries it would take would be recorded as the principal's.</summary>
    public NpgsqlDataSource DataSource(RelayCredential credential, string purpose)
    {
        var builder = new NpgsqlDataSourceBuilder(ConnectionString(credential, purpose));
        builder.ConfigureTypeLoading(types => types.EnableTypeLoading(false));
        return builder.Build();
    }

    private string ConnectionString(RelayCredential credential, string purpose) => new NpgsqlConnectionStringBuilder
    {
        Host = Endpoint.Address.Equals(IPAddress.Any) ? "127.0.0.1" : Endpoint.Address.ToString(),
        Port = Endpoint.Port,
        Username = credential.Id,
        Password = credential.Secret,
        Database = credential.Connection,
        ApplicationName = $"purpose={purpose}",
        SslMode = SslMode.VerifyCA,
        RootCertificate = CaFile,
        Pooling = false,
        Timeout = 20,
    }.ConnectionString;
}
