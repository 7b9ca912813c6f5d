using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Google.Protobuf;
using Weir.Agent.Configuration;

namespace Weir.Agent.Link;

/// <summary>
/// The certificate that clients see: the operator's, else the one that the control plane issued (<c>listener.key</c>, <c>listener.crt</c> in the data directory), else a
/// self-signed one for as long as there is no other.
/// </summary>
internal sealed class ListenerCertificateFiles(AgentOptions options, DataDirectory directory, TimeProvider time)
{
    private static readonly TimeSpan SelfSignedLifetime = TimeSpan.FromDays(30);
    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(10);

    private readonly string _keyPath = directory.PathOf("listener.key");
    private readonly string _chainPath = directory.PathOf("listener.crt");

    /// <summary>Raised on an arbitrary thread after another certificate came.</summary>
    public event Action? Changed;

    /// <summary>The operator gave the certificate; it is not renewed here.</summary>
    public bool IsOperators => options.TlsCertificateFile is not null;

    /// <summary>A PKCS #10 request (RFC 2986) for the listener's key with the names by which clients may know the agent.</summary>
    public byte[] CreateRequest()
    {
        using var key = LoadOrCreateKey();
        return CreateRequest(key).CreateSigningRequest();
    }

    /// <summary>Keeps a chain that the control plane issued, DER, leaf first.</summary>
    public void Save(IEnumerable<ByteString> chain)
    {
        var pem = new StringBuilder();
        foreach (var certificate in chain)
            pem.Append(PemEncoding.WriteString("CERTIFICATE", certificate.Span)).Append('\n');
        DurableFile.Write(_chainPath, Encoding.ASCII.GetBytes(pem.ToString()));
        Changed?.Invoke();
    }

    /// <summary>The certificate with its private key, and the rest of its chain.</summary>
    /// <exception cref="CryptographicException">A file is damaged, or key and certificate do not belong together.</exception>
    public (X509Certificate2 Certificate, X509Certificate2Collection Chain) Load()
    {
        if (options.TlsCertificateFile is { } file)
            return LoadPem(file, options.TlsKeyFile!);
        return File.Exists(_chainPath) && File.Exists(_keyPath) ? LoadPem(_chainPath, _keyPath) : (SelfSign(), []);
    }

    /// <summary>When the certificate should be renewed: after two thirds of its life; null when it isn't the control plane's.</summary>
    public DateTimeOffset? RenewAt()
    {
        if (IsOperators || !File.Exists(_chainPath))
            return null;
        using var leaf = X509CertificateLoader.LoadCertificateFromFile(_chainPath);
        var from = new DateTimeOffset(leaf.NotBefore.ToUniversalTime());
        return from + ((new DateTimeOffset(leaf.NotAfter.ToUniversalTime()) - from) * 2 / 3);
    }

    private static (X509Certificate2 Certificate, X509Certificate2Collection Chain) LoadPem(string certificateFile, string keyFile)
    {
        var chain = new X509Certificate2Collection();
        chain.ImportFromPemFile(certificateFile);
        using var withKey = X509Certificate2.CreateFromPemFile(certificateFile, keyFile);
        chain.RemoveAt(0);

        // Loaded anew because a key that exists in memory only can't be used by every TLS stack.
        return (X509CertificateLoader.LoadPkcs12(withKey.Export(X509ContentType.Pkcs12), null), chain);
    }

    private X509Certificate2 SelfSign()
    {
        using var key = LoadOrCreateKey();
        using var made = CreateRequest(key).CreateSelfSigned(time.GetUtcNow() - ClockSkew, time.GetUtcNow() + SelfSignedLifetime);
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
    }

    private CertificateRequest CreateRequest(ECDsa key)
    {
        var name = new X500DistinguishedNameBuilder();
        name.AddCommonName(options.Name.Length > 64 ? options.Name[..64] : options.Name);
        var request = new CertificateRequest(name.Build(), key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        foreach (var host in Hosts())
        {
            if (IPAddress.TryParse(host, out var address))
                names.AddIpAddress(address);
            else
                names.AddDnsName(host);
        }

        request.CertificateExtensions.Add(names.Build());
        return request;
    }

    private IEnumerable<string> Hosts()
    {
        var hosts = new List<string>();
        if (options.Advertise.Length > 0)
            hosts.Add(options.Advertise[..options.Advertise.LastIndexOf(':')].TrimStart('[').TrimEnd(']'));
        hosts.AddRange(options.Listen.OfType<IPEndPoint>().Select(e => e.Address).Where(a => !a.Equals(IPAddress.Any) && !a.Equals(IPAddress.IPv6Any)).Select(a => a.ToString()));
        hosts.AddRange([Environment.MachineName, "localhost", "127.0.0.1", "::1"]);
        return hosts.Where(h => Uri.CheckHostName(h) != UriHostNameType.Unknown).Distinct(StringComparer.OrdinalIgnoreCase);
    }

    private ECDsa LoadOrCreateKey()
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        if (File.Exists(_keyPath))
            key.ImportFromPem(File.ReadAllText(_keyPath));
        else
            DurableFile.Write(_keyPath, Encoding.ASCII.GetBytes(key.ExportPkcs8PrivateKeyPem() + "\n"));
        return key;
    }
}
