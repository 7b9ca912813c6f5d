using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Weir.Agent.Configuration;

namespace Weir.Agent.Link;

/// <summary>Keeps the agent's identity: <c>identity.key</c> (PKCS #8, PEM, mode 0600) and <c>identity.json</c>, which is there once the agent is enrolled.</summary>
internal sealed class IdentityFiles(DataDirectory directory)
{
    private readonly string _keyPath = directory.PathOf("identity.key");
    private readonly string _infoPath = directory.PathOf("identity.json");

    /// <summary>Null before enrollment.</summary>
    /// <exception cref="InvalidDataException">A file is damaged.</exception>
    public AgentIdentity? Load()
    {
        if (DurableFile.Read(_infoPath) is not { } info)
            return null;
        try
        {
            using var json = JsonDocument.Parse(info);
            var key = ECDsa.Create();
            key.ImportFromPem(File.ReadAllText(_keyPath));
            return new AgentIdentity(
                json.RootElement.GetProperty("agentId").GetGuid(),
                json.RootElement.GetProperty("organizationId").GetGuid(),
                json.RootElement.GetProperty("audience").GetString()!,
                key);
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or ArgumentException or CryptographicException or FileNotFoundException)
        {
            throw new InvalidDataException($"The agent's identity in {directory.Path} is damaged ({exception.Message}). Remove identity.json and identity.key there and enroll again.", exception);
        }
    }

    /// <summary>The key to enroll with: the one of an enrollment that was cut off, or a new one.</summary>
    public ECDsa LoadOrCreateKey()
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        if (File.Exists(_keyPath))
            key.ImportFromPem(File.ReadAllText(_keyPath));
        else
            DurableFile.Write(_keyPath, Encoding.ASCII.GetBytes(key.ExportPkcs8PrivateKeyPem() + "\n"));
        return key;
    }

    public void Save(AgentIdentity identity)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteString("agentId", identity.AgentId);
            json.WriteString("organizationId", identity.OrganizationId);
            json.WriteString("audience", identity.Audience);
            json.WriteEndObject();
        }

        DurableFile.Write(_infoPath, buffer.WrittenSpan);
    }
}
