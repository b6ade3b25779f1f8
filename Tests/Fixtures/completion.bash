# Says what bash offers for the last word: completion.bash SCRIPT KMEMTOP WORD…
source "$1"
shift
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
COMP_LINE="$*"
COMP_POINT=${#COMP_LINE}
function=$(complete -p kmemtop | sed -E 's/.*-F ([^ ]+).*/\1/')
"$function" kmemtop "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
printf '%s\n' "${COMPREPLY[@]}"
