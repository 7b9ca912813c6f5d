using System.Text;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;
using Weir.ControlPlane.Application.Secrets;

namespace Weir.ControlPlane.Server.CookieKeys;

/// <summary>Made by the framework from the name that stands with each key.</summary>
internal sealed class MasterKeyXmlDecryptor : IXmlDecryptor
{
    private readonly CookieKeyProtector _protector;

    public MasterKeyXmlDecryptor(IServiceProvider services) => _protector = services.GetRequiredService<CookieKeyProtector>();

    public XElement Decrypt(XElement encryptedElement) => XElement.Parse(Encoding.UTF8.GetString(_protector.Open(Convert.FromBase64String(encryptedElement.Value))));
}
