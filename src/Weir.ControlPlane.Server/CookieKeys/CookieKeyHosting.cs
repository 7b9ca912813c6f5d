using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.EntityFrameworkCore;
using Weir.ControlPlane.Application.Secrets;

namespace Weir.ControlPlane.Server.CookieKeys;

/// <summary>Who signs in at one replica is known at all: keys of cookies and forms lie in the database, encrypted by the master key.</summary>
internal static class CookieKeyHosting
{
    public static void AddCookieKeys(this IServiceCollection services, string connectionString)
    {
        services.AddDbContext<CookieKeyContext>(db => db.UseNpgsql(connectionString));
        services.AddDataProtection().SetApplicationName("weir").PersistKeysToDbContext<CookieKeyContext>();
        services.AddOptions<KeyManagementOptions>().Configure<CookieKeyProtector>((keys, protector) => keys.XmlEncryptor = new MasterKeyXmlEncryptor(protector));
    }
}
