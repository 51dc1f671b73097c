module completions {

  def "nu-complete hr format" [] {
    [ "text" "json" ]
  }

  def "nu-complete hr facts" [] {
    [ "footer" "stderr" "none" ]
  }

  # Makes the output of tools small enough for an AI agent's context, without losing what the agent needs
  export extern hr [
    --command: string         # The command line whose output this is; without it the output's own fingerprint decides
    --exit-code: string       # The exit status of that command
    --format: string@"nu-complete hr format" # What to print: the compacted text, or one JSON object about it
    --facts: string@"nu-complete hr facts" # Where the line with facts goes: below the text, to standard error, or nowhere
    --budget: string          # Fit the text into about so many tokens
    --query: string           # What you look for, in words: the lines most about it stay, with their surroundings
    --kind: string            # The kind of content: json, search, log, diff, html, code or text
    --rule: string            # The rule to apply, by its id
    --no-project              # Leave out the rules of the project (`.hr/rules`)
    --no-store                # Keep no original; nothing is lost then: the text is only cleaned
    --raw                     # Print the text as it came
    --session: string         # The conversation that the text goes into, by a name of its own: lines that it was shown lately are not shown again
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
    file?: path               # The file to compact; standard input when it is left out or `-`
  ]

  def "nu-complete hr run format" [] {
    [ "text" "json" ]
  }

  def "nu-complete hr run facts" [] {
    [ "footer" "stderr" "none" ]
  }

  # Runs a command and compacts what it prints
  export extern "hr run" [
    --format: string@"nu-complete hr run format" # What to print: the compacted text, or one JSON object about it
    --facts: string@"nu-complete hr run facts" # Where the line with facts goes: below the text, to standard error, or nowhere
    --budget: string          # Fit the text into about so many tokens
    --query: string           # What you look for, in words: the lines most about it stay, with their surroundings
    --kind: string            # The kind of content: json, search, log, diff, html, code or text
    --rule: string            # The rule to apply, by its id
    --no-project              # Leave out the rules of the project (`.hr/rules`)
    --no-store                # Keep no original; nothing is lost then: the text is only cleaned
    --raw                     # Print the text as it came
    --session: string         # The conversation that the text goes into, by a name of its own: lines that it was shown lately are not shown again
    --served: string          # For `hr mcp`: what is longer than so many tokens is fitted into them, and the command ends with who called
    -c: string                # Run LINE with a shell, `/bin/sh` unless `--shell` names another, instead of a command with its arguments
    --terminal(-t)            # Compact also what goes to a terminal; hooks say so, for some agents read commands through one
    --shell: string           # The shell that runs LINE, by name or path
    --help(-h)                # Print help (see more with '--help')
    ...command: string        # The command and its arguments, passed on as they are
  ]

  def "nu-complete hr show format" [] {
    [ "text" "json" ]
  }

  # Prints what was recorded
  export extern "hr show" [
    --lines: string           # Only these lines: `40-171`, `40-`, `-20` for the last 20, `40`, or several with commas
    --grep: string            # Only lines that match, with their numbers; colour codes and overwritten progress do not count
    --context(-C): string     # So many lines around each match
    --after-context(-A): string # So many lines after each match
    --before-context(-B): string # So many lines before each match
    --query: string           # Only the parts that are most about these words, with their line numbers
    --budget: string          # How much `--query` prints, in tokens
    --page: string            # Only this page of the result, counted from 1
    --page-size: string       # How many lines a page has
    --stderr                  # What was printed to standard error, when it was recorded on its own
    --format: string@"nu-complete hr show format" # How the list is printed
    --help(-h)                # Print help (see more with '--help')
    handle?: string           # Which recording: a handle or its first digits, `last`, or `last~2` for the third newest; without it the recent ones are listed
  ]

  # Looks after the recordings
  export extern "hr store" [
    --help(-h)                # Print help
  ]

  def "nu-complete hr store ls format" [] {
    [ "text" "json" ]
  }

  # Lists all recordings, newest first
  export extern "hr store ls" [
    --format: string@"nu-complete hr store ls format" # How the list is printed
    --help(-h)                # Print help (see more with '--help')
  ]

  # Serves the recordings over HTTP, for a gateway that keeps what it leaves out
  export extern "hr store serve" [
    --listen: string          # The address to listen on; port 0 takes a free one
    --token-file: path        # A file with a token that every request has to send as `Authorization: Bearer TOKEN`; needed on other addresses than those of this machine
    --help(-h)                # Print help
  ]

  # Removes now what is too old or too much
  export extern "hr store gc" [
    --help(-h)                # Print help
  ]

  # Removes recordings for good, without asking
  export extern "hr store purge" [
    --all                     # All recordings, and the command lines of those that were removed before
    --help(-h)                # Print help
    ...handles: string        # Which ones: handles or their first digits, `last`, `last~2`; their command lines stay known
  ]

  # Print this message or the help of the given subcommand(s)
  export extern "hr store help" [
  ]

  # Lists all recordings, newest first
  export extern "hr store help ls" [
  ]

  # Serves the recordings over HTTP, for a gateway that keeps what it leaves out
  export extern "hr store help serve" [
  ]

  # Removes now what is too old or too much
  export extern "hr store help gc" [
  ]

  # Removes recordings for good, without asking
  export extern "hr store help purge" [
  ]

  # Print this message or the help of the given subcommand(s)
  export extern "hr store help help" [
  ]

  def "nu-complete hr explain format" [] {
    [ "text" "json" ]
  }

  def "nu-complete hr explain facts" [] {
    [ "footer" "stderr" "none" ]
  }

  # Shows what would happen to a text: kind, rule and why, and the fate of every line with the step that decided it
  export extern "hr explain" [
    --command: string         # The command line whose output this is; without it the output's own fingerprint decides
    --exit-code: string       # The exit status of that command
    --format: string@"nu-complete hr explain format" # What to print: the compacted text, or one JSON object about it
    --facts: string@"nu-complete hr explain facts" # Where the line with facts goes: below the text, to standard error, or nowhere
    --budget: string          # Fit the text into about so many tokens
    --query: string           # What you look for, in words: the lines most about it stay, with their surroundings
    --kind: string            # The kind of content: json, search, log, diff, html, code or text
    --rule: string            # The rule to apply, by its id
    --no-project              # Leave out the rules of the project (`.hr/rules`)
    --no-store                # Keep no original; nothing is lost then: the text is only cleaned
    --raw                     # Print the text as it came
    --session: string         # The conversation that the text goes into, by a name of its own: lines that it was shown lately are not shown again
    --brief                   # Leave out the fates of the lines
    --help(-h)                # Print help (see more with '--help')
    file?: path               # The file to look at; standard input when it is left out or `-`
  ]

  # Lists, finds, shows, checks, copies and trusts rules
  export extern "hr rules" [
    --no-project              # Leave out the rules of the project (`.hr/rules`)
    --help(-h)                # Print help
  ]

  # Lists every rule in force: name, where it comes from, what stays, what is lost
  export extern "hr rules list" [
    --json                    # Print one JSON object
    --no-project              # Leave out the rules of the project (`.hr/rules`)
    --help(-h)                # Print help
    filter?: string           # Only rules whose name or summary contains this
  ]

  # Says which rule a command line or an output gets, and which others fit
  export extern "hr rules which" [
    --exit-code: string       # The exit status of the command
    --output: path            # The output to look at, `-` for standard input; without it only the command decides
    --no-project              # Leave out the rules of the project (`.hr/rules`)
    --help(-h)                # Print help
    ...command: string        # The command line
  ]

  # Prints a rule as it is written
  export extern "hr rules show" [
    --no-project              # Leave out the rules of the project (`.hr/rules`)
    --help(-h)                # Print help
    id: string                # The rule's id
  ]

  # Checks rule files: the user's and the project's, or the files and folders named
  export extern "hr rules check" [
    --no-project              # Leave out the rules of the project (`.hr/rules`)
    --help(-h)                # Print help (see more with '--help')
    ...paths: path            # Rule files, or folders of them
  ]

  # Proposes a rule from a recorded output, with a golden case of it and a test, for you to edit
  export extern "hr rules new" [
    --command(-c): string     # The command line that printed it
    --exit-code: string       # Its exit status
    --id: string              # The rule's id; `own/TOOL` when it is left out
    --project                 # Among the rules of the project, `.hr/rules`, instead of the user's
    --force(-f)               # Write over files that are there
    --no-project              # Leave out the rules of the project (`.hr/rules`)
    --help(-h)                # Print help
    file?: path               # The recorded output; standard input when it is left out or `-`
  ]

  # Copies a built-in rule into the user's rules, where it takes its place and can be edited
  export extern "hr rules eject" [
    --project                 # Into the rules of the project, `.hr/rules`, instead
    --force(-f)               # Write over a file that is there
    --no-project              # Leave out the rules of the project (`.hr/rules`)
    --help(-h)                # Print help
    id: string                # The rule's id
  ]

  # Trusts rules of the project, so that they may do all that rules can do
  export extern "hr rules trust" [
    --yes(-y)                 # Do not ask
    --list                    # Print what is trusted and change nothing
    --revoke                  # Trust them no longer
    --no-project              # Leave out the rules of the project (`.hr/rules`)
    --help(-h)                # Print help (see more with '--help')
    ...paths: path            # Rule files, or folders of them; all of the project's when there are none. With `--revoke` also hashes
  ]

  def "nu-complete hr rules import from" [] {
    [ "tokenjuice" "tokf" "rtk" ]
  }

  def "nu-complete hr rules import format" [] {
    [ "text" "json" ]
  }

  # Makes rules of yours from those of tokenjuice, tokf and RTK, and says what could not be carried over
  export extern "hr rules import" [
    --from: string@"nu-complete hr rules import from" # Whose rules they are; without it every file is told by its shape
    --out: path               # The rules folder to write to, below `imported/`; default: yours
    --dry-run                 # Only report, write nothing
    --force                   # Overwrite rules that are there
    --strict                  # End with 1 when something is not carried over
    --format: string@"nu-complete hr rules import format" # How to report
    --no-project              # Leave out the rules of the project (`.hr/rules`)
    --help(-h)                # Print help (see more with '--help')
    ...paths: path            # Rule files, or folders of them
  ]

  # Print this message or the help of the given subcommand(s)
  export extern "hr rules help" [
  ]

  # Lists every rule in force: name, where it comes from, what stays, what is lost
  export extern "hr rules help list" [
  ]

  # Says which rule a command line or an output gets, and which others fit
  export extern "hr rules help which" [
  ]

  # Prints a rule as it is written
  export extern "hr rules help show" [
  ]

  # Checks rule files: the user's and the project's, or the files and folders named
  export extern "hr rules help check" [
  ]

  # Proposes a rule from a recorded output, with a golden case of it and a test, for you to edit
  export extern "hr rules help new" [
  ]

  # Copies a built-in rule into the user's rules, where it takes its place and can be edited
  export extern "hr rules help eject" [
  ]

  # Trusts rules of the project, so that they may do all that rules can do
  export extern "hr rules help trust" [
  ]

  # Makes rules of yours from those of tokenjuice, tokf and RTK, and says what could not be carried over
  export extern "hr rules help import" [
  ]

  # Print this message or the help of the given subcommand(s)
  export extern "hr rules help help" [
  ]

  def "nu-complete hr test format" [] {
    [ "text" "json" "junit" "github" ]
  }

  # Runs golden cases: folders with `cmd`, `input` and `expected`, and the tests inside rule files
  export extern "hr test" [
    --bless                   # Write what came out as what is expected (never `keep`)
    --format: string@"nu-complete hr test format" # How to report
    --only: string            # Only cases whose name contains this
    --no-project              # Leave out the rules of the project (`.hr/rules`)
    --help(-h)                # Print help (see more with '--help')
    ...paths: path            # Folders of cases, or rule files whose inline tests are run
  ]

  def "nu-complete hr cache-check input" [] {
    [ "auto" "text" "json" "jsonl" ]
  }

  def "nu-complete hr cache-check format" [] {
    [ "text" "json" "sarif" "github" ]
  }

  # Lints prompts and requests for what breaks a provider's prompt cache: times, identifiers, unstable order
  export extern "hr cache-check" [
    --input: string@"nu-complete hr cache-check input" # How to read them: as requests when they are, as text, as one request (`.json` is), as a request a line (`.jsonl`)
    --provider: string        # Whose requests they are, when they do not tell: anthropic, openai or gemini
    --format: string@"nu-complete hr cache-check format" # How to report
    --severity: string        # How bad a check's findings are: off, note, warning or error
    --allow: string           # Values that are allowed: a regular expression
    --threshold: string       # From how many on a prompt is unstable: uuid (3), timestamp (3), jwt (1) or hash (3)
    --max-warnings: string    # How many warnings are too few to fail
    --exit-zero               # Exit with 0 whatever is found
    --fix                     # Sort the tools of requests by name, and the keys in them; shows the difference and asks first
    --yes                     # With `--fix`: do not ask
    --explain: string         # Print what a check is about
    --list                    # List the checks
    --help(-h)                # Print help (see more with '--help')
    ...files: string          # Files, or patterns such as `prompts/**/*.md`; `-` is standard input
  ]

  def "nu-complete hr replay format" [] {
    [ "text" "json" "html" ]
  }

  # Replays recorded sessions: what `hr` would save of their tool results, and what the agent would have missed
  export extern "hr replay" [
    --format: string@"nu-complete hr replay format" # How to report
    --rows: string            # How many rows the lists have
    --max-loss: string        # Fail when more than so many percent of what was used is lost
    --min-saved: string       # Fail when less than so many percent of the tokens is saved
    --no-project              # Leave out the rules of the project (`.hr/rules`)
    --no-session              # Show again what the session was shown before, as with agents that do not tell which session it is
    --all-tools               # Compact the results of tools that are no shell too, as a gateway does; hooks do not see them
    --help(-h)                # Print help (see more with '--help')
    ...paths: string          # Files, or folders that are searched for them
  ]

  def "nu-complete hr stats by" [] {
    [ "day" "rule" "project" "agent" "command" ]
  }

  def "nu-complete hr stats format" [] {
    [ "text" "json" "csv" "html" ]
  }

  # Says what was saved: tokens before and after, less the markers and what was read after all
  export extern "hr stats" [
    --by: string@"nu-complete hr stats by" # What to list; given more than once, each. Without it: day, rule, project and agent
    --days: string            # Only the last so many days; 0 for all there is
    --project: string         # Only calls in this folder or below it
    --agent: string           # Only calls of this agent
    --format: string@"nu-complete hr stats format" # How to report
    --rows: string            # How many rows each list has
    --exact                   # Count the tokens of calls again, exactly, where the original is still kept
    --help(-h)                # Print help (see more with '--help')
  ]

  # Serves what is stored, and compacted commands, to an agent over the Model Context Protocol
  export extern "hr mcp" [
    --no-run                  # Offer no tool that runs commands: rules of the agent about commands do not look into hr_run
    --help(-h)                # Print help (see more with '--help')
  ]

  # Sets an agent up so that it calls `hr`: hooks, a plugin, or instructions, whatever it takes
  export extern "hr init" [
    --project                 # Set it up for this project and all who work on it, not for this user
    --dry-run                 # Only show what would change
    --uninstall               # Take out what `hr init` put there
    --mcp                     # Register the MCP server as well, which gives originals back
    --mcp-run                 # Register the MCP server with `hr_run`, which runs commands past the agent's own rules and sandbox
    --rewrite                 # Rewrite commands before they run also where the agent's own rules then see `hr run` instead of the command
    --help(-h)                # Print help (see more with '--help')
    agent?: string            # The agent; without it, the agents that are found
  ]

  # Answers the hook of an agent: the payload on standard input, one JSON object on standard output
  export extern "hr hook" [
    --help(-h)                # Print help (see more with '--help')
    ...agent: string          # The agent, as `hr init` names it; what follows is not looked at
  ]

  # Looks whether agents really call `hr`, and tries their hooks
  export extern "hr doctor" [
    --help(-h)                # Print help (see more with '--help')
    agent?: string            # The agent, as `hr init` names it; without it, all that are found
  ]

  # What `hr tokens` takes
  export extern "hr tokens" [
    --exact                   # Count exactly, with the vocabulary o200k_base
    --help(-h)                # Print help (see more with '--help')
    ...files: path            # Files to count; none or `-` is standard input
  ]

  def "nu-complete hr completions shell" [] {
    [ "bash" "zsh" "fish" "powershell" "elvish" "nushell" ]
  }

  # Prints the completion script of a shell
  export extern "hr completions" [
    --help(-h)                # Print help (see more with '--help')
    shell: string@"nu-complete hr completions shell" # The shell
  ]

  # Prints the manual page, or writes all of them
  export extern "hr man" [
    --out: path               # Write `hr.1` and a page for each subcommand into this folder
    --help(-h)                # Print help
  ]

  # Print this message or the help of the given subcommand(s)
  export extern "hr help" [
  ]

  # Runs a command and compacts what it prints
  export extern "hr help run" [
  ]

  # Prints what was recorded
  export extern "hr help show" [
  ]

  # Looks after the recordings
  export extern "hr help store" [
  ]

  # Lists all recordings, newest first
  export extern "hr help store ls" [
  ]

  # Serves the recordings over HTTP, for a gateway that keeps what it leaves out
  export extern "hr help store serve" [
  ]

  # Removes now what is too old or too much
  export extern "hr help store gc" [
  ]

  # Removes recordings for good, without asking
  export extern "hr help store purge" [
  ]

  # Shows what would happen to a text: kind, rule and why, and the fate of every line with the step that decided it
  export extern "hr help explain" [
  ]

  # Lists, finds, shows, checks, copies and trusts rules
  export extern "hr help rules" [
  ]

  # Lists every rule in force: name, where it comes from, what stays, what is lost
  export extern "hr help rules list" [
  ]

  # Says which rule a command line or an output gets, and which others fit
  export extern "hr help rules which" [
  ]

  # Prints a rule as it is written
  export extern "hr help rules show" [
  ]

  # Checks rule files: the user's and the project's, or the files and folders named
  export extern "hr help rules check" [
  ]

  # Proposes a rule from a recorded output, with a golden case of it and a test, for you to edit
  export extern "hr help rules new" [
  ]

  # Copies a built-in rule into the user's rules, where it takes its place and can be edited
  export extern "hr help rules eject" [
  ]

  # Trusts rules of the project, so that they may do all that rules can do
  export extern "hr help rules trust" [
  ]

  # Makes rules of yours from those of tokenjuice, tokf and RTK, and says what could not be carried over
  export extern "hr help rules import" [
  ]

  # Runs golden cases: folders with `cmd`, `input` and `expected`, and the tests inside rule files
  export extern "hr help test" [
  ]

  # Lints prompts and requests for what breaks a provider's prompt cache: times, identifiers, unstable order
  export extern "hr help cache-check" [
  ]

  # Replays recorded sessions: what `hr` would save of their tool results, and what the agent would have missed
  export extern "hr help replay" [
  ]

  # Says what was saved: tokens before and after, less the markers and what was read after all
  export extern "hr help stats" [
  ]

  # Serves what is stored, and compacted commands, to an agent over the Model Context Protocol
  export extern "hr help mcp" [
  ]

  # Sets an agent up so that it calls `hr`: hooks, a plugin, or instructions, whatever it takes
  export extern "hr help init" [
  ]

  # Answers the hook of an agent: the payload on standard input, one JSON object on standard output
  export extern "hr help hook" [
  ]

  # Looks whether agents really call `hr`, and tries their hooks
  export extern "hr help doctor" [
  ]

  # What `hr tokens` takes
  export extern "hr help tokens" [
  ]

  # Prints the completion script of a shell
  export extern "hr help completions" [
  ]

  # Prints the manual page, or writes all of them
  export extern "hr help man" [
  ]

  # Print this message or the help of the given subcommand(s)
  export extern "hr help help" [
  ]

}

export use completions *
