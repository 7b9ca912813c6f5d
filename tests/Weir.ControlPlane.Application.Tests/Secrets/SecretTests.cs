using System.Security.Cryptography;
using Weir.ControlPlane.Application.Secrets;

namespace Weir.ControlPlane.Application.Tests.Secrets;

public sealed class SecretTests
{
    private static readonly byte[] _key = RandomNumberGenerator.GetBytes(32);

    [Fact]
    public void A_sealed_value_opens_under_its_own_key_and_context_only()
    {
        var box = SealedBox.Seal(_key, "secret"u8, "here");
        SealedBox.Open(_key, box, "here").ShouldBe("secret"u8.ToArray());
        Should.Throw<CryptographicException>(() => SealedBox.Open(_key, box, "there"));
        Should.Throw<CryptographicException>(() => SealedBox.Open(RandomNumberGenerator.GetBytes(32), box, "here"));
        SealedBox.Seal(_key, "secret"u8, "here").ShouldNotBe(box);
    }

    [Fact]
    public void Every_changed_or_missing_byte_of_a_sealed_value_is_noticed()
    {
        var box = SealedBox.Seal(_key, "secret"u8, "here");
        for (var i = 0; i < box.Length; i++)
        {
            var changed = box.ToArray();
            changed[i] ^= 1;
            Should.Throw<CryptographicException>(() => SealedBox.Open(_key, changed, "here"));
            Should.Throw<CryptographicException>(() => SealedBox.Open(_key, box.AsSpan(0, i), "here"));
        }
    }

    [Fact]
    public void The_master_key_is_made_once_and_for_its_owner_only()
    {
        var path = Path.Combine(Path.GetTempPath(), $"weir-master-{Guid.NewGuid():N}");
        try
        {
            var organization = Guid.NewGuid();
            var wrapped = MasterKey.LoadOrCreate(path).Wrap(_key, organization);
            File.GetUnixFileMode(path).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
            MasterKey.LoadOrCreate(path).Unwrap(wrapped, organization).ShouldBe(_key);
            Should.Throw<CryptographicException>(() => MasterKey.LoadOrCreate(path).Unwrap(wrapped, Guid.NewGuid()));
            File.WriteAllText(path, "AAAA");
            Should.Throw<InvalidOperationException>(() => MasterKey.LoadOrCreate(path)).Message.ShouldNotContain("AAAA");
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void A_password_matches_its_own_hash_only()
    {
        var hash = PasswordHash.Create("correct horse");
        PasswordHash.Verify(hash, "correct horse").ShouldBeTrue();
        PasswordHash.Verify(hash, "correct horsf").ShouldBeFalse();
        PasswordHash.Create("correct horse").ShouldNotBe(hash);
    }

    // RFC 7677, section 3: user "user", password "pencil".
    [Fact]
    public void A_verifier_is_written_as_postgresql_writes_it()
    {
        var parts = ScramVerifier.Create("pencil").Split('$', ':');
        parts[0].ShouldBe("SCRAM-SHA-256");
        parts[1].ShouldBe("4096");
        var salted = Rfc2898DeriveBytes.Pbkdf2("pencil"u8, Convert.FromBase64String(parts[2]), 4096, HashAlgorithmName.SHA256, 32);
        Convert.FromBase64String(parts[3]).ShouldBe(SHA256.HashData(HMACSHA256.HashData(salted, "Client Key"u8)));
        Convert.FromBase64String(parts[4]).ShouldBe(HMACSHA256.HashData(salted, "Server Key"u8));
    }
}
