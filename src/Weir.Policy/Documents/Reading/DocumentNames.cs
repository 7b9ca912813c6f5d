using Weir.Policy.Access;

namespace Weir.Policy.Documents.Reading;

/// <summary>Names of all enumerations that documents contain.</summary>
internal static class DocumentNames
{
    public static readonly EnumNames<UpstreamTls> UpstreamTls = new(
        (Documents.UpstreamTls.Disable, "disable"), (Documents.UpstreamTls.Prefer, "prefer"), (Documents.UpstreamTls.Require, "require"),
        (Documents.UpstreamTls.VerifyFull, "verify-full"));

    public static readonly EnumNames<SecretSource> SecretSource = new(
        (Documents.SecretSource.Env, "env"), (Documents.SecretSource.File, "file"), (Documents.SecretSource.Stored, "stored"),
        (Documents.SecretSource.Vault, "vault"), (Documents.SecretSource.AwsSecretsManager, "aws-secretsmanager"), (Documents.SecretSource.RdsIam, "rds-iam"));

    public static readonly EnumNames<PrincipalKind> PrincipalKind = new(
        (Access.PrincipalKind.User, "user"), (Access.PrincipalKind.ServiceAccount, "service_account"), (Access.PrincipalKind.AiAgent, "ai_agent"));

    public static readonly EnumNames<GuardrailAction> GuardrailAction = new(
        (Documents.GuardrailAction.Allow, "allow"), (Documents.GuardrailAction.Deny, "deny"), (Documents.GuardrailAction.Review, "review"));

    public static readonly EnumNames<BudgetScope> BudgetScope = new(
        (Documents.BudgetScope.Statement, "statement"), (Documents.BudgetScope.Transaction, "transaction"), (Documents.BudgetScope.Session, "session"));

    public static readonly EnumNames<BudgetExceeded> BudgetExceeded = new(
        (Documents.BudgetExceeded.Rollback, "rollback"), (Documents.BudgetExceeded.Review, "review"));

    public static readonly EnumNames<PackOverride> PackOverride = new(
        (Documents.PackOverride.Allow, "allow"), (Documents.PackOverride.Deny, "deny"), (Documents.PackOverride.Review, "review"),
        (Documents.PackOverride.Shadow, "shadow"), (Documents.PackOverride.Off, "off"));

    public static readonly EnumNames<Detector> Detector = new(
        (Documents.Detector.Email, "email"), (Documents.Detector.CreditCard, "credit_card"), (Documents.Detector.UsSsn, "us_ssn"),
        (Documents.Detector.Iban, "iban"), (Documents.Detector.Phone, "phone"), (Documents.Detector.IpAddress, "ip_address"),
        (Documents.Detector.Jwt, "jwt"), (Documents.Detector.SecretKey, "secret_key"));

    public static readonly EnumNames<MaskKind> MaskKind = new(
        (Documents.MaskKind.Redact, "redact"), (Documents.MaskKind.Partial, "partial"), (Documents.MaskKind.Hash, "hash"),
        (Documents.MaskKind.Nullify, "nullify"), (Documents.MaskKind.Format, "format"), (Documents.MaskKind.Round, "round"),
        (Documents.MaskKind.Truncate, "truncate"));

    public static readonly EnumNames<MaskedUse> MaskedUse = new(
        (Documents.MaskedUse.Allow, "allow"), (Documents.MaskedUse.EqualityOnly, "equality-only"), (Documents.MaskedUse.Review, "review"),
        (Documents.MaskedUse.Deny, "deny"));

    public static readonly EnumNames<UnprovableAction> UnprovableAction = new(
        (Documents.UnprovableAction.Mask, "mask"), (Documents.UnprovableAction.Review, "review"), (Documents.UnprovableAction.Deny, "deny"));

    public static readonly EnumNames<AccessLevel> AccessLevel = new(
        (Access.AccessLevel.Read, "read"), (Access.AccessLevel.Write, "write"), (Access.AccessLevel.Admin, "admin"));

    public static readonly EnumNames<AccessMode> AccessMode = new((Documents.AccessMode.Standing, "standing"), (Documents.AccessMode.Request, "request"));
}
