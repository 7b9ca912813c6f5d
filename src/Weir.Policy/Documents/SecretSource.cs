namespace Weir.Policy.Documents;

public enum SecretSource
{
    Env,
    File,
    Stored,
    Vault,
    AwsSecretsManager,
    RdsIam,
}
