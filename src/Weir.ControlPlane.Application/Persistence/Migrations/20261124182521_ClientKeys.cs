using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Weir.ControlPlane.Application.Persistence.Migrations
{
    /// <inheritdoc />
    public partial class ClientKeys : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<byte[]>(
                name: "client_key_hash",
                table: "access_credentials",
                type: "bytea",
                maxLength: 32,
                nullable: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "client_key_hash",
                table: "access_credentials");
        }
    }
}
