using Microsoft.EntityFrameworkCore;
using Weir.ControlPlane.Application.Persistence;
using Weir.ControlPlane.Application.Tests.Support;

namespace Weir.ControlPlane.Application.Tests.Persistence;

public sealed class DatabaseGuardTests(ControlPlaneDatabases databases)
{
    [Fact]
    public async Task The_deployments_own_role_and_schema_are_safe()
    {
        await using var database = await databases.CreateAsync();
        await GuardOf(database.ServerConnection).EnsureSafeAsync(TestControlPlane.Cancellation);
    }

    [Fact]
    public async Task A_superuser_is_refused()
    {
        await using var database = await databases.CreateAsync();
        (await RefusedAsync(database.SuperuserConnection)).ShouldContain("superuser");
    }

    [Fact]
    public async Task A_role_that_may_bypass_row_level_security_is_refused()
    {
        await using var database = await databases.CreateAsync();
        var role = $"bypass_{Guid.NewGuid():N}";
        var password = await database.Server.CreateRoleAsync(role, TestControlPlane.Cancellation);
        await database.ExecuteAsync($"ALTER ROLE {role} BYPASSRLS");
        (await RefusedAsync(database.Server.ConnectionString(database.Name, role, password))).ShouldContain("BYPASSRLS");
    }

    [Fact]
    public async Task The_owner_of_the_tables_is_refused_because_it_could_switch_the_protection_off()
    {
        await using var database = await databases.CreateAsync();
        (await RefusedAsync(database.OwnerConnection)).ShouldContain("owns");
    }

    [Fact]
    public async Task A_role_that_can_become_the_owner_is_refused()
    {
        await using var database = await databases.CreateAsync();
        var role = $"member_{Guid.NewGuid():N}";
        var password = await database.Server.CreateRoleAsync(role, TestControlPlane.Cancellation);
        await database.ExecuteAsync($"GRANT weir_owner TO {role}");
        (await RefusedAsync(database.Server.ConnectionString(database.Name, role, password))).ShouldContain("owns");
    }

    [Theory]
    [InlineData("ALTER TABLE reviews DISABLE ROW LEVEL SECURITY")]
    [InlineData("ALTER TABLE reviews NO FORCE ROW LEVEL SECURITY")]
    [InlineData("CREATE TABLE reviews_two (organization_id uuid)")]
    public async Task A_table_of_tenants_without_row_level_security_is_named(string sql)
    {
        await using var database = await databases.CreateAsync();
        await database.ExecuteAsync(sql);
        (await RefusedAsync(database.ServerConnection)).ShouldContain("reviews");
    }

    [Fact]
    public async Task A_missing_migration_is_named_with_the_command_that_helps()
    {
        await using var database = await databases.CreateAsync();
        await database.ExecuteAsync("DELETE FROM \"__EFMigrationsHistory\"");
        (await RefusedAsync(database.ServerConnection)).ShouldContain("weir-server migrate");
    }

    [Fact]
    public async Task Migrating_twice_is_harmless()
    {
        await using var database = await databases.CreateAsync();
        (await DatabaseMigration.ApplyAsync(database.OwnerConnection, TestControlPlane.Cancellation)).ShouldBeEmpty();
    }

    [Fact]
    public async Task The_model_and_the_migrations_say_the_same()
    {
        await using var database = await databases.CreateAsync();
        await using var db = new WeirDbContext(
            new DbContextOptionsBuilder<WeirDbContext>().UseNpgsql(database.OwnerConnection).Options, new Application.Authorization.ActorScope());
        db.Database.HasPendingModelChanges().ShouldBeFalse();
    }

    private static DatabaseGuard GuardOf(string connection) => new(new ControlPlaneOptions
    {
        ConnectionString = connection,
        MasterKeyFile = "",
        PublicUrl = "",
        RelayEndpoint = "",
    });

    private static async Task<string> RefusedAsync(string connection) =>
        (await Should.ThrowAsync<InvalidOperationException>(() => GuardOf(connection).EnsureSafeAsync(TestControlPlane.Cancellation))).Message;
}
