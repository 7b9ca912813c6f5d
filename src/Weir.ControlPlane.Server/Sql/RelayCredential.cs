namespace Weir.ControlPlane.Server.Sql;

/// <summary>A short-lived access credential.</summary>
internal sealed record RelayCredential(string Id, string Secret, string Connection)
{
    /// <summary>Without the secret.</summary>
    public override string ToString() => $"{Id} for {Connection}";
}
