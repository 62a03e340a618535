# Fills an empty Request Tracker for tests: the queue HMIS_QUEUE, the custom fields HMIS_FIELDS (a|b), the assistant's own user with no more
# rights than docs/production.md asks for, and its token, which is printed.
use strict;
use warnings;
use lib '/usr/share/request-tracker5/lib';
use RT;

RT::LoadConfig();
RT::Init();

sub made {
    my ( $ok, $message ) = @_;
    die "$message\n" unless $ok;
    return $ok;
}

my $user = RT::User->new( RT->SystemUser );
made( $user->Create( Name => 'account-help', EmailAddress => 'account-help@rt.example', Privileged => 1 ) );

my $queue = RT::Queue->new( RT->SystemUser );
made( $queue->Create( Name => $ENV{HMIS_QUEUE} ) );

for my $name ( split /\|/, $ENV{HMIS_FIELDS} ) {
    my $field = RT::CustomField->new( RT->SystemUser );
    made( $field->Create( Name => $name, Type => 'FreeformSingle', LookupType => RT::Ticket->CustomFieldLookupType ) );
    made( $field->AddToObject($queue) );
}
for my $right (qw(SeeQueue CreateTicket ShowTicket ReplyToTicket SeeCustomField ModifyCustomField)) {
    made( $user->PrincipalObj->GrantRight( Right => $right, Object => $queue ) );
}

# No mail: of RT's own rules only those stay that change a ticket.
my $scrips = RT::Scrips->new( RT->SystemUser );
$scrips->UnLimit;
while ( my $scrip = $scrips->Next ) {
    made( $scrip->SetDisabled(1) ) if $scrip->ActionObj->Name =~ /Notify|Autoreply/;
}

my $token = RT::AuthToken->new( RT->SystemUser );
my ( $ok, $message, $text ) = $token->Create( Owner => $user->id, Description => 'HMIS Account Help' );
made( $ok, $message );
print "$text\n";
